package org.dormouse.lab.qemu;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * QEMU's command line for a machine: a pure function of its options.
 *
 * <p>The first serial port, the kernel's console, is QEMU's standard input and output. The second,
 * the guest's shell, is a socket, and so is the monitor. There is nothing else that the options do
 * not name: no display, and no network but of the cards.
 */
public final class QemuCommand {
  private static final String PROGRAM = "qemu-system-x86_64";

  private QemuCommand() {}

  /**
   * The program and its arguments.
   *
   * @param files where QEMU offers the second serial port and its monitor
   */
  static List<String> of(MachineOptions options, MachineFiles files) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(PROGRAM, "-nodefaults", "-no-user-config"));
    command.addAll(List.of("-M", "q35", "-accel", options.accelerator().argument()));
    command.addAll(List.of("-cpu", cpu(options), "-smp", String.valueOf(options.cpus())));
    command.addAll(List.of("-m", (options.memoryBytes() >> 20) + "M"));
    addMemoryNodes(command, options);
    addFirmware(command, options, files);
    if (options.reset() == Reset.ENDS_QEMU) {
      command.add("-no-reboot");
    }
    command.addAll(List.of("-display", "none", "-vga", "none", "-rtc", "base=utc"));
    command.addAll(List.of("-device", "virtio-rng-pci"));
    command.addAll(List.of("-chardev", "stdio,id=console,signal=off"));
    command.addAll(List.of("-serial", "chardev:console"));
    command.addAll(List.of("-chardev", socket("shell", files.shell())));
    command.addAll(List.of("-serial", "chardev:shell"));
    command.addAll(List.of("-chardev", socket("monitor", files.monitor())));
    command.addAll(List.of("-mon", "chardev=monitor,mode=control"));
    addDisks(command, options);
    addLateDisks(command, options);
    options.devices().forEach(device -> command.addAll(List.of("-device", device)));
    addNetworkCards(command, options);
    options.cables().forEach(cable -> addCable(command, cable));
    options.boot().ifPresent(entry -> addBoot(command, entry));
    return List.copyOf(command);
  }

  /** Processors and memory in equal parts, by their numbers and addresses. */
  private static void addMemoryNodes(List<String> command, MachineOptions options) {
    int nodes = options.memoryNodes();
    for (int node = 0; nodes > 1 && node < nodes; node++) {
      long mib = (options.memoryBytes() >> 20) / nodes;
      int cpus = options.cpus() / nodes;
      command.addAll(
          List.of("-object", "memory-backend-ram,id=memory%d,size=%dM".formatted(node, mib)));
      command.addAll(
          List.of(
              "-numa",
              "node,nodeid=%d,memdev=memory%1$d,cpus=%d-%d"
                  .formatted(node, node * cpus, (node + 1) * cpus - 1)));
    }
  }

  private static void addBoot(List<String> command, BootEntry boot) {
    command.addAll(List.of("-kernel", boot.kernel().toString()));
    boot.initramfs().ifPresent(file -> command.addAll(List.of("-initrd", file.toString())));
    command.addAll(List.of("-append", boot.commandLine()));
  }

  /**
   * The command of a QEMU without a machine, that has a network instead: the one that it makes of
   * the host's own for a machine, with one plug for a cable.
   *
   * @param ports the guest's port for each port of the host's loopback address that leads there
   */
  static List<String> ofNetwork(Cable cable, Map<Integer, Integer> ports) {
    StringBuilder user = new StringBuilder("user,id=host");
    new TreeMap<>(ports)
        .forEach(
            (host, guest) -> user.append(",hostfwd=tcp:127.0.0.1:%d-:%d".formatted(host, guest)));
    return List.of(
        PROGRAM,
        "-nodefaults",
        "-no-user-config",
        "-M",
        "none",
        "-display",
        "none",
        "-netdev",
        user.toString(),
        "-netdev",
        "hubport,id=hostport,hubid=0,netdev=host",
        "-netdev",
        datagrams("cable", cable.network(), cable.machine()),
        "-netdev",
        "hubport,id=cableport,hubid=0,netdev=cable");
  }

  /** Each frame is a datagram: whether anybody is at the other end does not matter. */
  private static String datagrams(String id, Path here, Path there) {
    return "dgram,id=%s,local.type=unix,local.path=%s,remote.type=unix,remote.path=%s"
        .formatted(id, escaped(here), escaped(there));
  }

  /** Without the card's own firmware, which would look for something to boot in the network. */
  private static void addCable(List<String> command, Cable cable) {
    command.addAll(List.of("-netdev", datagrams("cable", cable.machine(), cable.network())));
    command.addAll(List.of("-device", cable.card() + ",netdev=cable,romfile="));
  }

  private static String socket(String id, Path path) {
    return "socket,id=" + id + ",server=on,wait=off,path=" + escaped(path);
  }

  private static void addFirmware(
      List<String> command, MachineOptions options, MachineFiles files) {
    if (options.firmware() == Firmware.UEFI) {
      Path code = Ovmf.installed().code();
      command.addAll(
          List.of("-drive", "if=pflash,unit=0,format=raw,readonly=on,file=" + escaped(code)));
      command.addAll(
          List.of("-drive", "if=pflash,unit=1,format=raw,file=" + escaped(files.uefiVariables())));
    }
  }

  private static void addDisks(List<String> command, MachineOptions options) {
    command.addAll(options.diskBus().controllerArguments());
    for (int i = 0; i < options.disks().size(); i++) {
      Disk disk = options.disks().get(i);
      String drive = "disk" + i;
      command.addAll(List.of("-drive", drive(drive, disk)));
      command.addAll(options.diskBus().deviceArguments(i, drive, disk.serial()));
    }
  }

  /** The files are opened at the start; the devices come when they are plugged in. */
  private static void addLateDisks(List<String> command, MachineOptions options) {
    if (!options.lateDisks().isEmpty()) {
      command.addAll(List.of("-device", "virtio-scsi-pci,id=late"));
    }
    for (int i = 0; i < options.lateDisks().size(); i++) {
      command.addAll(List.of("-drive", drive("late" + i, options.lateDisks().get(i))));
    }
  }

  private static void addNetworkCards(List<String> command, MachineOptions options) {
    for (int i = 0; i < options.networkCards().size(); i++) {
      command.addAll(List.of("-netdev", "user,id=net" + i));
      command.addAll(List.of("-device", options.networkCards().get(i) + ",netdev=net" + i));
    }
  }

  /** The arguments of {@code device_add} that plug a late disk in. */
  static Map<String, String> lateDevice(MachineOptions options, Disk disk) {
    int index = options.lateDisks().indexOf(disk);
    if (index < 0) {
      throw new IllegalArgumentException("not one of the late disks: " + disk.serial());
    }
    String drive = "late" + index;
    return Map.ofEntries(
        Map.entry("driver", "scsi-hd"),
        Map.entry("bus", "late.0"),
        Map.entry("drive", drive),
        Map.entry("id", drive + "-disk"),
        Map.entry("serial", disk.serial()));
  }

  /**
   * The end of QEMU is the power cut of this laboratory, and what QEMU has written is then in the
   * host's page cache. {@code cache=unsafe} still gives the guest a disk with a volatile cache; it
   * only spares the host's disk the flushes.
   */
  private static String drive(String id, Disk disk) {
    return "if=none,id=" + id + ",format=raw,cache=unsafe,file=" + escaped(disk.file());
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
