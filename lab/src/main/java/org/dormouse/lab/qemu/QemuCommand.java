package org.dormouse.lab.qemu;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * QEMU's command line for a machine: a pure function of its options.
 *
 * <p>The first serial port, the kernel's console, is QEMU's standard output. The second, the
 * guest's shell, is a socket. There is nothing else that the options do not name: no network, no
 * display, no monitor.
 */
public final class QemuCommand {
  private static final String PROGRAM = "qemu-system-x86_64";

  private QemuCommand() {}

  /**
   * The program and its arguments.
   *
   * @param shellSocket the UNIX socket at which QEMU offers the second serial port
   */
  public static List<String> of(MachineOptions options, Path shellSocket) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(PROGRAM, "-nodefaults", "-no-user-config"));
    command.addAll(List.of("-M", "q35", "-accel", options.accelerator().argument()));
    command.addAll(List.of("-cpu", cpu(options), "-smp", String.valueOf(options.cpus())));
    command.addAll(List.of("-m", (options.memoryBytes() >> 20) + "M"));
    // A reset or a triple fault ends QEMU instead of booting once more.
    command.addAll(List.of("-no-reboot", "-display", "none", "-vga", "none"));
    command.addAll(List.of("-monitor", "none", "-rtc", "base=utc"));
    command.addAll(List.of("-device", "virtio-rng-pci"));
    command.addAll(List.of("-chardev", "stdio,id=console,signal=off"));
    command.addAll(List.of("-serial", "chardev:console"));
    command.addAll(
        List.of("-chardev", "socket,id=shell,server=on,wait=off,path=" + escaped(shellSocket)));
    command.addAll(List.of("-serial", "chardev:shell"));
    addDisks(command, options);
    command.addAll(List.of("-kernel", options.kernel().toString()));
    options.initramfs().ifPresent(file -> command.addAll(List.of("-initrd", file.toString())));
    command.addAll(List.of("-append", options.append()));
    return List.copyOf(command);
  }

  private static void addDisks(List<String> command, MachineOptions options) {
    for (int i = 0; i < options.disks().size(); i++) {
      Disk disk = options.disks().get(i);
      String drive = "disk" + i;
      // The end of QEMU is the power cut of this laboratory, and what QEMU has written is then in
      // the host's page cache. cache=unsafe still gives the guest a disk with a volatile cache; it
      // only spares the host's disk the flushes.
      command.addAll(
          List.of(
              "-drive",
              "if=none,id=" + drive + ",format=raw,cache=unsafe,file=" + escaped(disk.file())));
      command.addAll(options.diskBus().deviceArguments(i, drive, disk.serial()));
    }
  }

  /** In QEMU's option strings a comma ends a value, and two commas are one. */
  private static String escaped(Path path) {
    return path.toString().replace(",", ",,");
  }

  /** The command as one that can be pasted into a shell. */
  public static String asShellCommand(List<String> command) {
    return command.stream().map(QemuCommand::quoted).collect(Collectors.joining(" "));
  }

  private static String quoted(String word) {
    return word.matches("[A-Za-z0-9_./=,:@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /**
   * The CPU. What is emulated copies and clears memory eight bytes at a time, unless the user wants
   * it otherwise: a processor with {@code erms} makes kernel and C library do it byte by byte,
   * which is fast in hardware, and in QEMU's translator takes three times as long as all else.
   */
  private static String cpu(MachineOptions options) {
    boolean slow = options.accelerator() == Accelerator.TCG && !options.cpuModel().contains("erms");
    return slow ? options.cpuModel() + ",erms=off" : options.cpuModel();
  }
}
