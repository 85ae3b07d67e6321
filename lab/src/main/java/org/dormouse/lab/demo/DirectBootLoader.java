package org.dormouse.lab.demo;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.dormouse.lab.qemu.BootEntry;

/**
 * A boot loader that starts the saver out of a store: it knows of block 0 where kernel, initramfs
 * and command line are (docs/image-format.md), and nothing else of images. Whether there is one to
 * be restored is for the saver to say.
 *
 * @param kernel a bzImage
 * @param initramfs the saver's
 * @param commandLine of the saver that restores
 */
record DirectBootLoader(StoredFile kernel, StoredFile initramfs, String commandLine) {
  private static final int BLOCK_BYTES = 4096;
  private static final int SECTOR_BYTES = 512;
  private static final String FIRST_LINE = "DORMOUSE 3\n";

  /**
   * A file in a store.
   *
   * @param offset in bytes from the store's beginning
   * @param length in bytes
   * @param sha256 64 hexadecimal digits
   */
  record StoredFile(long offset, long length, String sha256) {
    static StoredFile parse(String text) throws IOException {
      String[] words = text.split(" ");
      if (words.length != 3
          || !words[0].matches("\\d{1,18}")
          || !words[1].matches("\\d{1,10}")
          || !words[2].matches("[0-9a-f]{64}")) {
        throw new IOException("not an offset, a length and a digest: " + text);
      }
      return new StoredFile(Long.parseLong(words[0]), Long.parseLong(words[1]), words[2]);
    }

    void extract(Path store, Path target) throws IOException {
      MessageDigest digest = sha256Digest();
      try (FileChannel channel = FileChannel.open(store, StandardOpenOption.READ);
          OutputStream out = new DigestOutputStream(Files.newOutputStream(target), digest)) {
        long copied = channel.transferTo(offset, length, Channels.newChannel(out));
        if (copied < length) {
          throw new EOFException(store + " ends within " + target.getFileName());
        }
      }
      if (!HexFormat.of().formatHex(digest.digest()).equals(sha256)) {
        throw new IOException(
            "%s at offset %d of %s has not the digest that block 0 says"
                .formatted(target.getFileName(), offset, store));
      }
    }

    private static MessageDigest sha256Digest() {
      try {
        return MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new AssertionError("every Java platform has SHA-256", e);
      }
    }
  }

  /**
   * Reads what the store says about its saver.
   *
   * @param store a disk's file
   */
  static DirectBootLoader of(Path store) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
    try (FileChannel channel = FileChannel.open(store, StandardOpenOption.READ)) {
      while (block.hasRemaining() && channel.read(block) >= 0) {}
    }
    if (block.hasRemaining()) {
      throw new EOFException(store + " has no block 0");
    }
    return parse(block.array());
  }

  /** Reads block 0: in sector 0 the format's name, in the others the description. */
  static DirectBootLoader parse(byte[] block) throws IOException {
    String text = new String(block, StandardCharsets.UTF_8);
    if (!text.startsWith(FIRST_LINE)) {
      throw new IOException("no store of this format: block 0 does not begin with DORMOUSE 3");
    }
    String description =
        new String(block, SECTOR_BYTES, BLOCK_BYTES - SECTOR_BYTES, StandardCharsets.UTF_8);
    Map<String, String> values = new LinkedHashMap<>();
    for (String line : description.lines().toList()) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        values.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    return new DirectBootLoader(
        StoredFile.parse(value(values, "saver_kernel")),
        StoredFile.parse(value(values, "saver_initramfs")),
        value(values, "command_line"));
  }

  private static String value(Map<String, String> values, String name) throws IOException {
    return Optional.ofNullable(values.get(name))
        .orElseThrow(() -> new IOException("block 0 of the store does not say its " + name));
  }

  /**
   * Takes the saver out of the store.
   *
   * @param folder where its two files are put
   */
  BootEntry load(Path store, Path folder) throws IOException {
    Path kernelFile = folder.resolve("direct-vmlinuz");
    Path initramfsFile = folder.resolve("direct-initramfs.img");
    kernel.extract(store, kernelFile);
    initramfs.extract(store, initramfsFile);
    return new BootEntry(kernelFile, Optional.of(initramfsFile), commandLine);
  }
}
