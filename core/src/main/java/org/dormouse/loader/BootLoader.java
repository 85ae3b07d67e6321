package org.dormouse.loader;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.dormouse.linux.BlockDevice;
import org.dormouse.linux.EfiVariables;
import org.dormouse.linux.Mount;

/** What starts this machine's kernels. */
public sealed interface BootLoader {
  /** The vendor of systemd's variables: {@code systemd-boot(7)}, "EFI variables". */
  String SYSTEMD_VENDOR = "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

  /** What it is, for people. */
  String describe();

  /**
   * systemd-boot, which reads entries, kernels and initramfs from its own partition.
   *
   * @param partition where that is mounted
   */
  record SystemdBoot(Path partition) implements BootLoader {
    @Override
    public String describe() {
      return "systemd-boot, with its files on " + partition;
    }
  }

  /**
   * GRUB, which reads kernels and initramfs wherever they are.
   *
   * @param folder where its configuration is, on a file system that it can write a block of
   */
  record Grub(Path folder) implements BootLoader {
    @Override
    public String describe() {
      return "GRUB, with its files in " + folder;
    }
  }

  /**
   * One that cannot be told to start something once.
   *
   * @param what what was seen
   */
  record Other(String what) implements BootLoader {
    @Override
    public String describe() {
      return what;
    }
  }

  /**
   * File systems of which GRUB overwrites a block in place, as it does to note what it has taken.
   */
  Set<String> WRITTEN_BY_GRUB = Set.of("ext2", "ext3", "ext4", "xfs", "vfat");

  /** Looks at this machine. */
  static BootLoader observe() throws IOException {
    return observe(Path.of("/"), EfiVariables.ofMachine(), Mount.all(), BlockDevice.all());
  }

  /** Decides by what was seen. */
  static BootLoader observe(
      Path root, EfiVariables variables, List<Mount> mounts, List<BlockDevice> devices)
      throws IOException {
    Optional<String> loader =
        variables.isThere() ? variables.text("LoaderInfo-" + SYSTEMD_VENDOR) : Optional.empty();
    if (loader.filter(name -> name.startsWith("systemd-boot")).isPresent()) {
      // The places that bootctl(1) looks at.
      for (String place : List.of("efi", "boot/efi", "boot")) {
        Path partition = root.resolve(place);
        if (Files.isDirectory(partition.resolve("EFI/systemd"))) {
          return new SystemdBoot(partition);
        }
      }
      return new Other("systemd-boot, whose partition is not mounted");
    }
    for (String place : List.of("boot/grub", "boot/grub2")) {
      Path folder = root.resolve(place);
      if (Files.exists(folder.resolve("grub.cfg"))) {
        return grub(folder, mounts, devices);
      }
    }
    return new Other("no boot loader that is known here");
  }

  private static BootLoader grub(Path folder, List<Mount> mounts, List<BlockDevice> devices) {
    Optional<Mount> mount = mountOf(folder, mounts);
    boolean onPartition =
        mount.isPresent()
            && devices.stream()
                .anyMatch(
                    device ->
                        device.number().equals(mount.get().device()) && device.below().isEmpty());
    return onPartition && WRITTEN_BY_GRUB.contains(mount.get().type())
        ? new Grub(folder)
        : new Other(
            "GRUB, which cannot note on this file system that an entry was taken ("
                + mount.map(Mount::type).orElse("unknown")
                + (onPartition ? ")" : ", not on a partition of its own)"));
  }

  /** The file system that a file lies on: the one mounted at the longest part of its path. */
  static Optional<Mount> mountOf(Path file, List<Mount> mounts) {
    return mounts.stream()
        .filter(mount -> file.startsWith(Path.of(mount.point())))
        .max(Comparator.comparingInt((Mount mount) -> mount.point().length()));
  }
}
