package org.dormouse.lab.qemu;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a machine is made of. A value: the {@code with…} methods return a changed copy.
 *
 * @param memoryBytes RAM, a multiple of 1 MiB
 * @param cpus virtual CPUs, at least 1
 * @param memoryNodes NUMA nodes, at least 1; each has the same share of memory and CPUs
 * @param cpuModel QEMU's name for the processor, with flags, e.g. {@code max,la57=off}
 * @param firmware what starts the kernel
 * @param diskBus how all the disks are attached, but for the late ones
 * @param disks in the order in which the guest numbers them
 * @param lateDisks SCSI disks that are not there at power-on but when they are {@linkplain
 *     Machine#plugIn plugged in}
 * @param devices more devices, as QEMU's {@code -device} takes them, e.g. {@code i6300esb}
 * @param networkCards by QEMU's names, e.g. {@code e1000e}; each in a network of its own, in which
 *     the host is 10.0.2.2, and which ends with the machine
 * @param cables more network cards, on networks that are there without the machine
 * @param reset what becomes of the machine when its guest resets it
 * @param accelerator what runs the guest
 * @param boot the kernel that QEMU starts in place of a boot loader; without one, the firmware
 *     looks for a boot loader on the disks
 */
public record MachineOptions(
    long memoryBytes,
    int cpus,
    int memoryNodes,
    String cpuModel,
    Firmware firmware,
    DiskBus diskBus,
    List<Disk> disks,
    List<Disk> lateDisks,
    List<String> devices,
    List<String> networkCards,
    List<Cable> cables,
    Reset reset,
    Accelerator accelerator,
    Optional<BootEntry> boot) {

  private static final long MIB = 1L << 20;

  public MachineOptions {
    if (memoryBytes <= 0 || memoryBytes % MIB != 0) {
      throw new IllegalArgumentException("RAM is not a multiple of 1 MiB: " + memoryBytes);
    }
    if (cpus < 1) {
      throw new IllegalArgumentException("a machine needs a CPU, got " + cpus);
    }
    if (memoryNodes < 1 || cpus % memoryNodes != 0 || memoryBytes % (memoryNodes * MIB) != 0) {
      throw new IllegalArgumentException(
          "%d CPUs and %d MiB in %d nodes".formatted(cpus, memoryBytes / MIB, memoryNodes));
    }
    disks = List.copyOf(disks);
    lateDisks = List.copyOf(lateDisks);
    devices = List.copyOf(devices);
    networkCards = List.copyOf(networkCards);
    cables = List.copyOf(cables);
  }

  /** A machine of 1 GiB, 2 CPUs of model {@code max}, BIOS, no disks, emulated. */
  public static MachineOptions booting(Path kernel) {
    return bootingFromDisks().withBoot(new BootEntry(kernel, Optional.empty(), ""));
  }

  /** The same machine, whose firmware starts what it finds on the disks. */
  public static MachineOptions bootingFromDisks() {
    return new MachineOptions(
        1024 * MIB,
        2,
        1,
        "max",
        Firmware.BIOS,
        DiskBus.VIRTIO,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Reset.ENDS_QEMU,
        Accelerator.TCG,
        Optional.empty());
  }

  public MachineOptions withMemoryBytes(long bytes) {
    return with(draft -> draft.memoryBytes = bytes);
  }

  public MachineOptions withCpus(int count) {
    return with(draft -> draft.cpus = count);
  }

  public MachineOptions withMemoryNodes(int count) {
    return with(draft -> draft.memoryNodes = count);
  }

  public MachineOptions withCpuModel(String model) {
    return with(draft -> draft.cpuModel = model);
  }

  public MachineOptions withFirmware(Firmware other) {
    return with(draft -> draft.firmware = other);
  }

  public MachineOptions withDiskBus(DiskBus bus) {
    return with(draft -> draft.diskBus = bus);
  }

  /** With one more disk, after the others. */
  public MachineOptions withDisk(Disk disk) {
    return withDisks(appended(disks, disk));
  }

  /** With these disks instead: the same ones in another order get other names. */
  public MachineOptions withDisks(List<Disk> others) {
    return with(draft -> draft.disks = others);
  }

  /** With one more disk that is to be plugged in later. */
  public MachineOptions withLateDisk(Disk disk) {
    return with(draft -> draft.lateDisks = appended(lateDisks, disk));
  }

  /** With one more device, as QEMU's {@code -device} takes it. */
  public MachineOptions withDevice(String device) {
    return with(draft -> draft.devices = appended(devices, device));
  }

  /** With one more network card. */
  public MachineOptions withNetworkCard(String card) {
    return with(draft -> draft.networkCards = appended(networkCards, card));
  }

  /** With one more network card, on a network that is there without the machine. */
  public MachineOptions withCable(Cable cable) {
    return with(draft -> draft.cables = appended(cables, cable));
  }

  public MachineOptions withReset(Reset other) {
    return with(draft -> draft.reset = other);
  }

  public MachineOptions withAccelerator(Accelerator other) {
    return with(draft -> draft.accelerator = other);
  }

  /** With something else for QEMU to start in place of a boot loader. */
  public MachineOptions withBoot(BootEntry entry) {
    return with(draft -> draft.boot = Optional.of(entry));
  }

  public MachineOptions withKernel(Path bzImage) {
    return withBoot(new BootEntry(bzImage, bootEntry().initramfs(), append()));
  }

  public MachineOptions withInitramfs(Path file) {
    return withBoot(new BootEntry(bootEntry().kernel(), Optional.of(file), append()));
  }

  /** With another command line for the kernel. */
  public MachineOptions withAppend(String commandLine) {
    return withBoot(new BootEntry(bootEntry().kernel(), bootEntry().initramfs(), commandLine));
  }

  /** The kernel's command line. */
  public String append() {
    return bootEntry().commandLine();
  }

  /**
   * What QEMU starts in place of a boot loader.
   *
   * @throws IllegalStateException if the machine boots from its disks
   */
  public BootEntry bootEntry() {
    return boot.orElseThrow(() -> new IllegalStateException("it boots from its disks"));
  }

  /** The disk with this serial number, late ones included. */
  public Disk disk(String serial) {
    return appended(disks, lateDisks).stream()
        .filter(disk -> disk.serial().equals(serial))
        .findFirst()
        .orElseThrow(() -> noSuch(serial));
  }

  /** The device file by which the guest knows the disk with this serial number. */
  public String deviceOf(String serial) {
    Disk disk = disk(serial);
    int late = lateDisks.indexOf(disk);
    // Late disks are SCSI disks like those on AHCI and USB, and come after them.
    boolean alike = diskBus == DiskBus.AHCI || diskBus == DiskBus.USB;
    int before = alike ? disks.size() : 0;
    return late < 0
        ? diskBus.deviceName(disks.indexOf(disk))
        : DiskBus.AHCI.deviceName(before + late);
  }

  private static IllegalArgumentException noSuch(String serial) {
    return new IllegalArgumentException("no disk with serial number " + serial);
  }

  private static <T> List<T> appended(List<T> list, T one) {
    return appended(list, List.of(one));
  }

  private static <T> List<T> appended(List<T> list, List<T> others) {
    List<T> more = new ArrayList<>(list);
    more.addAll(others);
    return more;
  }

  private MachineOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.finished();
  }

  /** The parts while one of them is being changed. */
  private static final class Draft {
    private long memoryBytes;
    private int cpus;
    private int memoryNodes;
    private String cpuModel;
    private Firmware firmware;
    private DiskBus diskBus;
    private List<Disk> disks;
    private List<Disk> lateDisks;
    private List<String> devices;
    private List<String> networkCards;
    private List<Cable> cables;
    private Reset reset;
    private Accelerator accelerator;
    private Optional<BootEntry> boot;

    Draft(MachineOptions options) {
      memoryBytes = options.memoryBytes;
      cpus = options.cpus;
      memoryNodes = options.memoryNodes;
      cpuModel = options.cpuModel;
      firmware = options.firmware;
      diskBus = options.diskBus;
      disks = options.disks;
      lateDisks = options.lateDisks;
      devices = options.devices;
      networkCards = options.networkCards;
      cables = options.cables;
      reset = options.reset;
      accelerator = options.accelerator;
      boot = options.boot;
    }

    MachineOptions finished() {
      return new MachineOptions(
          memoryBytes,
          cpus,
          memoryNodes,
          cpuModel,
          firmware,
          diskBus,
          disks,
          lateDisks,
          devices,
          networkCards,
          cables,
          reset,
          accelerator,
          boot);
    }
  }
}
