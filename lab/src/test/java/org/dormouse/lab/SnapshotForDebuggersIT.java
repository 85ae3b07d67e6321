package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.guest.GuestRoot;
import org.dormouse.lab.guest.HostCommand;
import org.dormouse.lab.qemu.Disk;
import org.dormouse.lab.setup.Kernel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Snapshots of a kernel with debug information, 6.1, by a saver whose kernel is another one, as
 * crash, drgn and gdb see them.
 */
@Tag("long")
class SnapshotForDebuggersIT {
  private static final Duration LONG = Duration.ofMinutes(4);
  private static final long MIB = 1L << 20;

  @Test
  void tasksBacktracesLogAndAVariableAreRightInEach() throws Exception {
    Kernel kernel = Debuggers.debugKernel();
    TestBed bed = TestBed.prepare();
    Path folder = bed.folder("snapshot-debugged");
    Path file = folder.resolve("files.img");
    GuestRoot.writeEmptyDisk(file, 2048 * MIB);
    HostCommand.check(List.of("/sbin/mke2fs", "-q", "-t", "ext4", file.toString()));
    Disk files = new Disk(file, "files");
    try (Scenario scenario =
        Scenario.prepare(
            bed.software(), bed.machine().withMemoryBytes(768 * MIB).withDisk(files), folder)) {
      // The saver's kernel is that of the root disk, and stays what it is.
      scenario.bootAs(scenario.options().withKernel(kernel.image()));
      String device = scenario.options().deviceOf(files.serial());
      scenario.shell().check("mount -t ext4 " + device + " /mnt", LONG);
      Debuggers.plant(scenario);
      take(scenario, 4711, "--warm --format elf /mnt/one.core");
      take(scenario, 1147, "--format kdump /mnt/two.kdump");
      scenario.disarm();
      scenario.shell().check("umount /mnt", LONG);
      scenario.shutDown();
      assertThat(scenario.fileSystemErrors()).isEmpty();
    }
    Debuggers debuggers = new Debuggers(kernel, folder);
    Path one = extract(file, "one.core", folder);
    Path two = extract(file, "two.kdump", folder);
    for (String said : List.of(debuggers.crash(one), debuggers.drgn(one), debuggers.gdb(one))) {
      assertThat(said)
          .containsPattern("panic_timeout = (\\$1 = )?4711")
          .contains("swapper/0", Debuggers.TASK, "machine_kexec", "kernel_kexec");
    }
    assertThat(debuggers.crash(one)).contains(Debuggers.LINE);
    assertThat(debuggers.drgn(one)).contains(Debuggers.LINE);
    for (String said : List.of(debuggers.crash(two), debuggers.drgn(two))) {
      assertThat(said)
          .containsPattern("panic_timeout = (\\$1 = )?1147")
          .contains("swapper/0", Debuggers.TASK, Debuggers.LINE, "machine_kexec", "kernel_kexec");
    }
    bed.tidy(folder);
  }

  private static void take(Scenario scenario, int value, String arguments) throws Exception {
    Debuggers.set(scenario, value);
    String told = scenario.shell().check("dormouse snapshot --json " + arguments, LONG);
    System.out.println(told);
    assertThat(told).contains("\"remarks\": []");
  }

  private static Path extract(Path files, String name, Path folder) throws Exception {
    Path to = folder.resolve(name);
    HostCommand.check(List.of("/sbin/debugfs", "-R", "dump /" + name + " " + to, files.toString()));
    return to;
  }
}
