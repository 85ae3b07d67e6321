package org.dormouse.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.dormouse.memory.Pages;
import org.dormouse.store.Store;
import org.dormouse.text.ReportException;

/**
 * The saver kernel and its initramfs as they lie in a store: what wrote the image, and what
 * restores it.
 *
 * @param kernel a bzImage
 * @param initramfs its initramfs
 */
public record SaverFiles(StoredFile kernel, StoredFile initramfs) {
  private static final int BUFFER_BYTES = 1 << 20;

  /**
   * Checks that the files lie where {@link #plan} puts them.
   *
   * @throws IllegalArgumentException if they do not
   */
  public SaverFiles {
    if (kernel.offset() != StoredFile.ALIGNMENT || initramfs.offset() != kernel.next()) {
      throw new IllegalArgumentException("not one after the other: " + kernel + ", " + initramfs);
    }
  }

  /**
   * The contents of a file.
   *
   * @param bytes all of it
   * @param sha256 its SHA-256, 64 hexadecimal digits in lower case
   */
  public record Contents(MemorySegment bytes, String sha256) {
    /** The same, with the SHA-256 computed here: slow in a small virtual machine. */
    public static Contents of(MemorySegment bytes) {
      MessageDigest digest = sha256Digest();
      digest.update(bytes.asByteBuffer());
      return new Contents(bytes, HexFormat.of().formatHex(digest.digest()));
    }
  }

  /** Where files of these lengths, in bytes, go. */
  public static SaverFiles plan(
      long kernelLength, String kernelSha256, long initramfsLength, String initramfsSha256) {
    StoredFile kernel = new StoredFile(StoredFile.ALIGNMENT, kernelLength, kernelSha256);
    return new SaverFiles(kernel, new StoredFile(kernel.next(), initramfsLength, initramfsSha256));
  }

  /** Where in the store the data of an image begins, in bytes: behind the files. */
  public long dataOffset() {
    return initramfs.next();
  }

  /**
   * Sees to it that the files are in the store, durably. Writes nothing if they are there already.
   * Else whatever image there was is gone first: its data may lie where the files go.
   *
   * @param present the store's header, if it has one
   * @throws ReportException if the store is too small or cannot be written
   */
  public static SaverFiles install(
      Store store, Contents kernel, Contents initramfs, Optional<ImageHeader> present)
      throws ReportException {
    SaverFiles files =
        plan(
            kernel.bytes().byteSize(),
            kernel.sha256(),
            initramfs.bytes().byteSize(),
            initramfs.sha256());
    if (present
        .flatMap(ImageHeader::description)
        .flatMap(ImageDescription::wake)
        .map(WakeDescription::saverFiles)
        .equals(Optional.of(files))) {
      return files;
    }
    if (files.dataOffset() > store.size()) {
      throw new ReportException(
          String.format(
              "the store %s is too small: it has %d bytes, the saver's files alone need %d",
              store.name(), store.size(), files.dataOffset()),
          "Nothing was written.",
          "Name a larger store.");
    }
    Image.blank(store);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(BUFFER_BYTES, Store.ALIGNMENT);
      write(store, files.kernel, kernel.bytes(), buffer);
      write(store, files.initramfs, initramfs.bytes(), buffer);
    }
    store.flush();
    return files;
  }

  private static void write(Store store, StoredFile file, MemorySegment bytes, MemorySegment buffer)
      throws ReportException {
    for (long done = 0; done < file.length(); done += BUFFER_BYTES) {
      long length = Math.min(BUFFER_BYTES, file.length() - done);
      MemorySegment blocks = buffer.asSlice(0, Pages.alignUp(length, Store.ALIGNMENT));
      MemorySegment.copy(bytes, done, blocks, 0, length);
      blocks.asSlice(length).fill((byte) 0);
      store.write(file.offset() + done, blocks);
    }
  }

  /**
   * Reads the files and compares their digests.
   *
   * @throws ImageFormatException if one is not what it was
   * @throws ReportException if the store cannot be read
   */
  public void verify(Store store) throws ReportException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(BUFFER_BYTES, Store.ALIGNMENT);
      verify(store, "kernel", kernel, buffer);
      verify(store, "initramfs", initramfs, buffer);
    }
  }

  private static void verify(Store store, String name, StoredFile file, MemorySegment buffer)
      throws ReportException {
    MessageDigest digest = sha256Digest();
    for (long done = 0; done < file.length(); done += BUFFER_BYTES) {
      long length = Math.min(BUFFER_BYTES, file.length() - done);
      store.read(file.offset() + done, buffer.asSlice(0, Pages.alignUp(length, Store.ALIGNMENT)));
      digest.update(buffer.asSlice(0, length).asByteBuffer());
    }
    if (!HexFormat.of().formatHex(digest.digest()).equals(file.sha256())) {
      throw new ImageFormatException(
          Damage.SAVER_DAMAGED,
          String.format(
              "the %s, %d bytes at byte %d of %s, does not match its SHA-256",
              name, file.length(), file.offset(), store.name()));
    }
  }

  private static MessageDigest sha256Digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
