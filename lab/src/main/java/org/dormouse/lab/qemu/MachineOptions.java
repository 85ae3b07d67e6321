package org.dormouse.lab.qemu;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a machine is made of. A value: the {@code with…} methods return a changed copy.
 *
 * @param memoryBytes RAM, a multiple of 1 MiB
 * @param cpus virtual CPUs, at least 1
 * @param cpuModel QEMU's name for the processor, with flags, e.g. {@code max,la57=off}
 * @param diskBus how all the disks are attached
 * @param disks in the order in which the guest numbers them
 * @param accelerator what runs the guest
 * @param kernel a bzImage
 * @param initramfs what the kernel unpacks, if anything
 * @param append the kernel's command line
 */
public record MachineOptions(
    long memoryBytes,
    int cpus,
    String cpuModel,
    DiskBus diskBus,
    List<Disk> disks,
    Accelerator accelerator,
    Path kernel,
    Optional<Path> initramfs,
    String append) {

  private static final long MIB = 1L << 20;

  public MachineOptions {
    if (memoryBytes <= 0 || memoryBytes % MIB != 0) {
      throw new IllegalArgumentException("RAM is not a multiple of 1 MiB: " + memoryBytes);
    }
    if (cpus < 1) {
      throw new IllegalArgumentException("a machine needs a CPU, got " + cpus);
    }
    disks = List.copyOf(disks);
  }

  /** A machine of 1 GiB, 2 CPUs of model {@code max}, no disks, emulated. */
  public static MachineOptions booting(Path kernel) {
    return new MachineOptions(
        1024 * MIB,
        2,
        "max",
        DiskBus.VIRTIO,
        List.of(),
        Accelerator.TCG,
        kernel,
        Optional.empty(),
        "");
  }

  public MachineOptions withMemoryBytes(long bytes) {
    return new MachineOptions(
        bytes, cpus, cpuModel, diskBus, disks, accelerator, kernel, initramfs, append);
  }

  public MachineOptions withCpus(int count) {
    return new MachineOptions(
        memoryBytes, count, cpuModel, diskBus, disks, accelerator, kernel, initramfs, append);
  }

  public MachineOptions withCpuModel(String model) {
    return new MachineOptions(
        memoryBytes, cpus, model, diskBus, disks, accelerator, kernel, initramfs, append);
  }

  public MachineOptions withDiskBus(DiskBus bus) {
    return new MachineOptions(
        memoryBytes, cpus, cpuModel, bus, disks, accelerator, kernel, initramfs, append);
  }

  /** With one more disk, after the others. */
  public MachineOptions withDisk(Disk disk) {
    List<Disk> more = new ArrayList<>(disks);
    more.add(disk);
    return new MachineOptions(
        memoryBytes, cpus, cpuModel, diskBus, more, accelerator, kernel, initramfs, append);
  }

  /** With these disks instead. */
  public MachineOptions withDisks(List<Disk> others) {
    return new MachineOptions(
        memoryBytes, cpus, cpuModel, diskBus, others, accelerator, kernel, initramfs, append);
  }

  public MachineOptions withAccelerator(Accelerator other) {
    return new MachineOptions(
        memoryBytes, cpus, cpuModel, diskBus, disks, other, kernel, initramfs, append);
  }

  public MachineOptions withKernel(Path bzImage) {
    return new MachineOptions(
        memoryBytes, cpus, cpuModel, diskBus, disks, accelerator, bzImage, initramfs, append);
  }

  public MachineOptions withInitramfs(Path file) {
    return new MachineOptions(
        memoryBytes,
        cpus,
        cpuModel,
        diskBus,
        disks,
        accelerator,
        kernel,
        Optional.of(file),
        append);
  }

  public MachineOptions withAppend(String commandLine) {
    return new MachineOptions(
        memoryBytes, cpus, cpuModel, diskBus, disks, accelerator, kernel, initramfs, commandLine);
  }

  /** The device file by which the guest knows the disk with this serial number. */
  public String deviceOf(String serial) {
    for (int i = 0; i < disks.size(); i++) {
      if (disks.get(i).serial().equals(serial)) {
        return diskBus.deviceName(i);
      }
    }
    throw new IllegalArgumentException("no disk with serial number " + serial);
  }
}
