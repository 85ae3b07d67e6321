package org.dormouse.sleep;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.dormouse.linux.LockedMemory;
import org.dormouse.seal.MachineKey;
import org.dormouse.seal.WakeKey;
import org.dormouse.store.BlockStore;
import org.dormouse.store.StoreContents;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/**
 * Where keys lie in the original kernel: the machine's own in a file of its root file system; the
 * wake key, if it is not behind a passphrase, in another file, or at the beginning of a device,
 * where a saver finds it.
 */
public final class KeyFiles {
  /** The machine's key. If it is there, images are sealed. */
  public static final Path MACHINE = Path.of("/etc/dormouse/key");

  private static final FileAttribute<?> OWNER_ALONE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<?> FOLDER_OF_OWNER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private KeyFiles() {}

  /**
   * The machine's key, if it has one.
   *
   * @throws ReportException if the file is damaged
   */
  public static Optional<MachineKey> machine(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try (LockedMemory text = LockedMemory.of(MachineKey.FILE_BYTES)) {
      return Optional.of(MachineKey.read(text.memory().asSlice(0, read(file, text.memory()))));
    } catch (IllegalArgumentException e) {
      throw notAKey(file, e);
    }
  }

  /**
   * A wake key out of a file or device.
   *
   * @throws ReportException if there is none in it
   */
  public static WakeKey wake(Path file) throws IOException {
    try (LockedMemory text = LockedMemory.of(WakeKey.FILE_BYTES)) {
      return WakeKey.read(text.memory().asSlice(0, read(file, text.memory())))
          .orElseThrow(() -> new IllegalArgumentException("it does not begin as one does"));
    } catch (IllegalArgumentException e) {
      throw notAKey(file, e);
    }
  }

  private static ReportException notAKey(Path file, IllegalArgumentException e) {
    return new ReportException(
        new Report(
            file + " is no key file of this kind: " + e.getMessage(),
            "Nothing was changed; the machine goes on.",
            "Name another file, or make a new key: dormouse key create"),
        e);
  }

  /** Writes the machine's key; a file that is there is replaced. */
  public static void writeMachine(MachineKey key, Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder, FOLDER_OF_OWNER);
    try (LockedMemory text = LockedMemory.of(MachineKey.FILE_BYTES)) {
      Path fresh = folder.resolve(file.getFileName() + ".new");
      Files.deleteIfExists(fresh);
      writeNew(fresh, text.memory().asSlice(0, key.write(text.memory())));
      Files.move(
          fresh,
          file,
          java.nio.file.StandardCopyOption.ATOMIC_MOVE,
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /**
   * Writes the wake key.
   *
   * @param file a file that does not exist, or a block device that holds nothing
   * @throws ReportException if something is there
   */
  public static void writeWake(WakeKey key, Path file) throws IOException {
    try (LockedMemory text = LockedMemory.of(WakeKey.FILE_BYTES)) {
      long length = key.write(text.memory());
      if (!Files.exists(file)) {
        writeNew(file, text.memory().asSlice(0, length));
        return;
      }
      if (Files.isRegularFile(file)) {
        throw occupied(file, "exists");
      }
      text.memory().asSlice(length).fill((byte) '\n');
      try (BlockStore device = BlockStore.forWriting(file)) {
        switch (StoreContents.probe(device)) {
          case StoreContents.Foreign(String what) -> throw occupied(file, "holds " + what);
          case StoreContents.Dormouse _ -> throw occupied(file, "holds an image of Dormouse");
          case StoreContents.Empty _ -> {}
        }
        device.write(0, text.memory());
        device.flush();
      }
    }
  }

  private static ReportException occupied(Path file, String how) {
    return new ReportException(
        file + " " + how,
        "Nothing was changed; the machine goes on.",
        "Name a file that does not exist, or an empty device.");
  }

  private static void writeNew(Path file, MemorySegment text) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ALONE)) {
      ByteBuffer bytes = text.asByteBuffer();
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }

  /** How many bytes of the file are in memory now. A device is read past the page cache. */
  private static long read(Path file, MemorySegment memory) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      try (BlockStore device = BlockStore.forReading(file)) {
        device.read(0, memory);
        return memory.byteSize();
      }
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer bytes = memory.asByteBuffer();
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
      return bytes.position();
    }
  }
}
