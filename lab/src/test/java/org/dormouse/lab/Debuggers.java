package org.dormouse.lab;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.dormouse.dump.CoreFile;
import org.dormouse.dump.ElfCoreFile;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.guest.HostCommand;
import org.dormouse.lab.setup.CacheFolder;
import org.dormouse.lab.setup.ConsoleReporter;
import org.dormouse.lab.setup.Kernel;
import org.dormouse.lab.setup.KernelFlavour;
import org.dormouse.lab.setup.Setup;

/**
 * What debuggers say of a dump: a variable, the tasks, and with crash and drgn the log; and where
 * the processor was, if the dump has its registers.
 *
 * @param kernel with debug information
 * @param folder for scripts
 */
record Debuggers(Kernel kernel, Path folder) {
  /** In the kernel's log. */
  static final String LINE = "a line for those who look";

  /** The name of a process. */
  static final String TASK = "planted-task";

  private static final Duration LONG = Duration.ofMinutes(4);

  /** The kernel with debug information; the test is left out if there is none. */
  static Kernel debugKernel() throws Exception {
    Optional<Kernel> built =
        new Setup(CacheFolder.fromEnvironment(), ConsoleReporter.inLines(System.out))
            .kernelIfBuilt(KernelFlavour.DEBUG);
    assumeTrue(
        built.isPresent(),
        "there is no kernel with debug information: ./dormouse setup --debug-kernel makes one");
    return built.orElseThrow();
  }

  /** Has a guest do what is looked for in its dumps. */
  static void plant(Scenario scenario) throws Exception {
    scenario.shell().check("echo '" + LINE + "' > /dev/kmsg", LONG);
    String task = "echo " + TASK + " > /proc/self/comm; while :; do sleep 1000; done";
    scenario.shell().check("sh -c '" + task + "' > /dev/null 2>&1 < /dev/null &", LONG);
    scenario.shell().check("until grep -q " + TASK + " /proc/[0-9]*/comm; do :; done", LONG);
  }

  /** Gives a guest's kernel a value of {@code panic_timeout}, the variable that is looked for. */
  static void set(Scenario scenario, int value) throws Exception {
    scenario.shell().check("echo " + value + " > /proc/sys/kernel/panic", LONG);
  }

  /**
   * That the kernel may have been moved crash tells by a variable that a kernel without modules
   * does not have. And {@code ps} of crash 8.0.2 looks into a {@code struct pid} that is not that
   * of later 6.1 kernels, and finds no task.
   */
  String crash(Path file) throws Exception {
    Path commands =
        Files.writeString(
            folder.resolve("look.crash"),
            """
            p panic_timeout
            list -h init_task -o task_struct.tasks -s task_struct.comm
            log
            bt -a
            quit
            """);
    return HostCommand.check(
        List.of(
            "crash",
            "-s",
            "--kaslr=auto",
            "--no_crashrc",
            "-i",
            commands.toString(),
            kernel.elf().toString(),
            file.toString()));
  }

  String drgn(Path file) throws Exception {
    Path script =
        Files.writeString(
            folder.resolve("look.py"),
            """
            from drgn.helpers.linux import for_each_task, get_dmesg, per_cpu
            print("panic_timeout =", prog["panic_timeout"].value_())
            print(prog["init_task"].comm.string_().decode())
            for task in for_each_task(prog):
                print(task.pid.value_(), task.comm.string_().decode())
            print(get_dmesg(prog).decode())
            try:
                print(prog.stack_trace(per_cpu(prog["runqueues"], 0).curr))
            except (LookupError, ValueError) as no_registers:
                print(no_registers)
            """);
    return HostCommand.check(
        List.of(
            "drgn", "-q", "-c", file.toString(), "-s", kernel.elf().toString(), script.toString()));
  }

  /** It knows nothing of KASLR: how far the kernel was moved is in VMCOREINFO. */
  String gdb(Path file) throws Exception {
    String offset;
    try (CoreFile core = ElfCoreFile.open(file)) {
      offset = core.description().vmcoreInfo().value("KERNELOFFSET");
    }
    Path script =
        Files.writeString(
            folder.resolve("look.gdb"),
            """
            symbol-file -o 0x%s %s
            core-file %s
            printf "panic_timeout = %%d\\n", panic_timeout
            backtrace
            set $offset = (unsigned long)&((struct task_struct *)0)->tasks
            set $task = &init_task
            set $first = 1
            while $first || $task != &init_task
              set $first = 0
              printf "%%d %%s\\n", $task->pid, $task->comm
              set $task = (struct task_struct *)((unsigned long)$task->tasks.next - $offset)
            end
            """
                .formatted(offset, kernel.elf(), file));
    return HostCommand.check(List.of("gdb", "-batch", "-nx", "-x", script.toString()));
  }
}
