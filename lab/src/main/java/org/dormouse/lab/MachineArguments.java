package org.dormouse.lab;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dormouse.lab.qemu.Accelerator;
import org.dormouse.lab.qemu.AcceleratorChoice;
import org.dormouse.lab.qemu.BootEntry;
import org.dormouse.lab.qemu.DiskBus;
import org.dormouse.lab.qemu.Firmware;
import org.dormouse.lab.qemu.KvmProbe;
import org.dormouse.lab.qemu.MachineOptions;
import org.dormouse.lab.setup.KernelFlavour;
import org.dormouse.lab.setup.SetupException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that say what a guest's machine is made of. */
final class MachineArguments {
  /** What the user wants the guest to be run by. */
  enum Wish {
    AUTO,
    TCG,
    KVM
  }

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      defaultValue = "1G",
      converter = MemorySize.class,
      description = "The guest's RAM, e.g. 512M or 3G (default: ${DEFAULT-VALUE}).")
  private long memoryBytes;

  @Option(
      names = "--cpus",
      paramLabel = "N",
      defaultValue = "2",
      description = "The guest's CPUs (default: ${DEFAULT-VALUE}).")
  private int cpus;

  @Option(
      names = "--cpu",
      paramLabel = "MODEL",
      defaultValue = "max",
      description =
          "QEMU's name for the CPU, with flags, e.g. max,la57=off (default: ${DEFAULT-VALUE}).")
  private String cpuModel;

  @Option(
      names = "--firmware",
      paramLabel = "WHAT",
      defaultValue = "bios",
      description = "bios or uefi (default: ${DEFAULT-VALUE}).")
  private Firmware firmware;

  @Option(
      names = "--disk",
      paramLabel = "BUS",
      defaultValue = "virtio",
      description = "virtio, nvme, ahci, usb or sd (default: ${DEFAULT-VALUE}).")
  private DiskBus diskBus;

  @Option(
      names = "--accel",
      paramLabel = "WHAT",
      defaultValue = "auto",
      description =
          "auto, tcg or kvm; auto is kvm where a kernel boots under it (default: ${DEFAULT-VALUE}).")
  private Wish accelerator;

  @Option(
      names = "--append",
      paramLabel = "WORDS",
      defaultValue = "",
      description = "More for the guest's kernel command line.")
  private String append;

  @Option(
      names = "--kernel",
      paramLabel = "VERSION",
      defaultValue = "6.12",
      converter = KernelVersion.class,
      description =
          "6.12, 6.1, or newest: the newest in Debian's archive; debian: 6.12 with Debian's own"
              + " configuration. It is built once, some minutes, debian half an hour or more,"
              + " and kept (default: ${DEFAULT-VALUE}).")
  private KernelFlavour kernel;

  /** The kernel of the guest, of its saver and of its boots. */
  KernelFlavour kernel() {
    return kernel;
  }

  /**
   * What is to run the guest.
   *
   * @throws SetupException if KVM was asked for, and does not boot a kernel here
   */
  AcceleratorChoice chooseAccelerator(Path kernel, Path cacheFolder)
      throws SetupException, IOException, InterruptedException {
    return switch (accelerator) {
      case TCG -> new AcceleratorChoice(Accelerator.TCG, "it was asked for");
      case KVM -> {
        AcceleratorChoice possible = new KvmProbe(kernel, cacheFolder).choose();
        if (possible.accelerator() != Accelerator.KVM) {
          throw new SetupException(
              "KVM was asked for, and cannot be had: " + possible.reason(),
              "No machine was started.",
              "Leave --accel away, or use --accel tcg: slower, and works everywhere.");
        }
        yield new AcceleratorChoice(Accelerator.KVM, "it was asked for");
      }
      case AUTO -> new KvmProbe(kernel, cacheFolder).choose();
    };
  }

  /** More words for the kernel; empty if there are none. */
  String append() {
    return append;
  }

  /** What starts the kernel. */
  Firmware firmware() {
    return firmware;
  }

  /** The machine, without disks. */
  MachineOptions machine(Path kernel, AcceleratorChoice chosen) {
    return machineWithoutKernel(chosen).withBoot(new BootEntry(kernel, Optional.empty(), append));
  }

  /** The machine, to be started by what is on its disks. */
  MachineOptions machineWithoutKernel(AcceleratorChoice chosen) {
    return MachineOptions.bootingFromDisks()
        .withMemoryBytes(memoryBytes)
        .withCpus(cpus)
        .withCpuModel(cpuModel)
        .withFirmware(firmware)
        .withDiskBus(diskBus)
        .withAccelerator(chosen.accelerator());
  }

  /** Reads {@code 6.1}, {@code newest}. */
  static final class KernelVersion implements ITypeConverter<KernelFlavour> {
    @Override
    public KernelFlavour convert(String text) {
      try {
        return KernelFlavour.of(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException("'" + text + "' is not 6.1, 6.12, newest or debian");
      }
    }
  }

  /** Reads {@code 512M}, {@code 3G}. */
  static final class MemorySize implements ITypeConverter<Long> {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,6})([MG])(i?B)?");

    @Override
    public Long convert(String text) {
      Matcher size = SIZE.matcher(text.toUpperCase(Locale.ROOT).replace("IB", "iB"));
      if (!size.matches() || size.group(1).matches("0+")) {
        throw new TypeConversionException("'" + text + "' is not a size like 512M or 3G");
      }
      return Long.parseLong(size.group(1)) << (size.group(2).equals("G") ? 30 : 20);
    }
  }
}
