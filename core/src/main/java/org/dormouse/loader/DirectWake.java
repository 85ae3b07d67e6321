package org.dormouse.loader;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.dormouse.linux.EfiVariables;
import org.dormouse.linux.Mount;
import org.dormouse.text.Quantity;

/**
 * Has the boot loader start the saver at the next boot, once. The boot loader itself takes back
 * what it was told, before it starts anything: whatever becomes of the saver, the boot after it is
 * an ordinary one.
 */
public final class DirectWake {
  private static final String ONE_SHOT = "LoaderEntryOneShot-" + BootLoader.SYSTEMD_VENDOR;

  /** The file in GRUB's folder that has the entry. */
  public static final String GRUB_ENTRY = "dormouse.cfg";

  private static final String ENTRY = "loader/entries/" + DirectEntry.FILE;
  private static final String COPIES = "dormouse";
  private static final Path BY_UUID = Path.of("/dev/disk/by-uuid");

  /**
   * How long GRUB's entry is, whatever it says: the file is written in place. GRUB reads a file
   * system as it lies on the disk, without its journal, where a new file would be.
   */
  private static final int GRUB_ENTRY_BYTES = 8192;

  /** What is left free on a boot loader's partition, for its own files, bytes. */
  private static final long SPARE = 1L << 20;

  private final BootLoader loader;
  private final EfiVariables variables;

  /**
   * What the saver is started from.
   *
   * @param kernel its kernel
   * @param kernelDigest SHA-256 of that, 64 hexadecimal digits
   * @param initramfs its initramfs
   * @param initramfsDigest the same of that
   * @param commandLine of the saver that wakes
   */
  public record Saver(
      Path kernel,
      String kernelDigest,
      Path initramfs,
      String initramfsDigest,
      String commandLine) {}

  DirectWake(BootLoader loader, EfiVariables variables) {
    this.loader = loader;
    this.variables = variables;
  }

  /** By a boot loader of this machine. */
  public static DirectWake by(BootLoader loader) {
    return new DirectWake(loader, EfiVariables.ofMachine());
  }

  /**
   * Tells the boot loader.
   *
   * @throws IOException if it cannot be told; then the next boot is an ordinary one
   */
  public void prepare(Saver saver) throws IOException {
    try {
      switch (loader) {
        case BootLoader.SystemdBoot(Path partition) -> prepareSystemdBoot(partition, saver);
        case BootLoader.Grub(Path folder) -> prepareGrub(folder, saver);
        case BootLoader.Other(String what) -> throw new IOException(what);
      }
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /**
   * Makes what the boot loader reads, empty, long before it is needed.
   *
   * @throws IOException if it cannot be made
   */
  public void layOut() throws IOException {
    if (loader instanceof BootLoader.Grub(Path folder)
        && !Files.exists(folder.resolve(GRUB_ENTRY))) {
      writeGrubEntry(folder, "");
    }
  }

  /** Takes back what it was told, if it was told anything. */
  public void clear() throws IOException {
    switch (loader) {
      case BootLoader.SystemdBoot(Path partition) -> {
        if (Files.deleteIfExists(partition.resolve(ENTRY))) {
          variables.delete(ONE_SHOT);
        }
      }
      case BootLoader.Grub(Path folder) -> {
        if (Files.exists(folder.resolve(GRUB_ENTRY))) {
          GrubEnvironment now = environment(folder);
          if (now.value(GrubEnvironment.NEXT).filter(DirectEntry.NAME::equals).isPresent()) {
            write(folder, now.without(GrubEnvironment.NEXT));
          }
          writeGrubEntry(folder, "");
        }
      }
      case BootLoader.Other _ -> {}
    }
  }

  /** The same, and deletes the copies that the boot loader reads. */
  public void remove() throws IOException {
    clear();
    if (loader instanceof BootLoader.Grub(Path folder)) {
      Files.deleteIfExists(folder.resolve(GRUB_ENTRY));
    }
    if (loader instanceof BootLoader.SystemdBoot(Path partition)) {
      Path folder = partition.resolve(COPIES);
      if (Files.isDirectory(folder)) {
        try (Stream<Path> copies = Files.list(folder)) {
          for (Path copy : copies.toList()) {
            Files.delete(copy);
          }
        }
        Files.delete(folder);
      }
    }
  }

  // --- systemd-boot ---

  private void prepareSystemdBoot(Path partition, Saver saver) throws IOException {
    DirectEntry entry =
        new DirectEntry(
            "/" + COPIES + "/vmlinuz", "/" + COPIES + "/saver.img", saver.commandLine());
    copy(partition, saver);
    Path file = partition.resolve(ENTRY);
    Files.createDirectories(file.getParent());
    Files.writeString(file, entry.forSystemdBoot());
    // Last: what it names is there.
    variables.writeText(ONE_SHOT, file.getFileName().toString());
  }

  /** The boot loader reads its own partition alone. What is there already is not copied again. */
  private static void copy(Path partition, Saver saver) throws IOException {
    Path folder = partition.resolve(COPIES);
    Path noted = folder.resolve("sha256");
    String digests = saver.kernelDigest() + "\n" + saver.initramfsDigest() + "\n";
    if (Files.isRegularFile(noted) && Files.readString(noted).equals(digests)) {
      return;
    }
    Files.createDirectories(folder);
    for (String old : new String[] {"sha256", "vmlinuz", "saver.img"}) {
      Files.deleteIfExists(folder.resolve(old));
    }
    long needed = Files.size(saver.kernel()) + Files.size(saver.initramfs()) + SPARE;
    long free = Files.getFileStore(folder).getUsableSpace();
    if (free < needed) {
      throw new IOException(
          String.format(
              "the boot loader's partition %s has %s free, and the saver takes %s",
              partition, Quantity.bytes(free), Quantity.bytes(needed)));
    }
    Files.copy(saver.kernel(), folder.resolve("vmlinuz"), StandardCopyOption.REPLACE_EXISTING);
    Files.copy(saver.initramfs(), folder.resolve("saver.img"), StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(noted, digests);
  }

  // --- GRUB ---

  private static void prepareGrub(Path folder, Saver saver) throws IOException {
    Placed kernel = Placed.of(saver.kernel());
    Placed initramfs = Placed.of(saver.initramfs());
    if (!kernel.fileSystem.equals(initramfs.fileSystem)) {
      throw new IOException(
          saver.kernel() + " and " + saver.initramfs() + " lie on different file systems");
    }
    DirectEntry entry = new DirectEntry(kernel.path, initramfs.path, saver.commandLine());
    writeGrubEntry(folder, entry.forGrub(kernel.fileSystem));
    write(folder, environment(folder).with(GrubEnvironment.NEXT, DirectEntry.NAME));
  }

  private static GrubEnvironment environment(Path folder) throws IOException {
    Path file = folder.resolve("grubenv");
    return Files.exists(file)
        ? GrubEnvironment.parse(Files.readAllBytes(file))
        : GrubEnvironment.empty();
  }

  /** In place: GRUB writes to the blocks that the file has. */
  private static void write(Path folder, GrubEnvironment environment) throws IOException {
    writeInPlace(folder.resolve("grubenv"), environment.block());
  }

  private static void writeGrubEntry(Path folder, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length > GRUB_ENTRY_BYTES) {
      throw new IOException("a boot entry of " + bytes.length + " bytes is too long");
    }
    byte[] padded = Arrays.copyOf(bytes, GRUB_ENTRY_BYTES);
    Arrays.fill(padded, bytes.length, padded.length, (byte) '\n');
    writeInPlace(folder.resolve(GRUB_ENTRY), padded);
  }

  private static void writeInPlace(Path path, byte[] content) throws IOException {
    ByteBuffer block = ByteBuffer.wrap(content);
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      while (block.hasRemaining()) {
        file.write(block);
      }
      file.force(true);
    }
  }

  /** Where a file lies, as GRUB finds it. */
  private record Placed(String fileSystem, String path) {
    static Placed of(Path file) throws IOException {
      Path real = file.toRealPath();
      Optional<Mount> mount = BootLoader.mountOf(real, Mount.all());
      if (mount.isEmpty() || !BootLoader.WRITTEN_BY_GRUB.contains(mount.get().type())) {
        throw new IOException(real + " lies on a file system that is not known to be GRUB's");
      }
      return new Placed(uuid(real), "/" + Path.of(mount.get().point()).relativize(real));
    }

    /** The name by which udev knows the file system. */
    private static String uuid(Path file) throws IOException {
      long device = (long) Files.getAttribute(file, "unix:dev");
      if (Files.isDirectory(BY_UUID)) {
        try (Stream<Path> names = Files.list(BY_UUID)) {
          for (Path name : names.toList()) {
            if (Files.exists(name)
                && Files.getAttribute(name, "unix:rdev") instanceof Long number
                && number == device) {
              return name.getFileName().toString();
            }
          }
        }
      }
      throw new IOException("the file system of " + file + " has no UUID that is known");
    }
  }
}
