package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The host's file behind a store, as docs/image-format.md describes it: read here without the code
 * that wrote it.
 */
record StoreFile(Path file) {
  /** The part of the header that changes when the image's state does. */
  static final long STATE_BYTES = 512;

  /** Where the details begin. */
  static final long DETAILS = 4096;

  private static final long MIB = 1 << 20;

  /** A value of the header's block, of either part. */
  String value(String key) throws IOException {
    Map<String, String> values = new LinkedHashMap<>();
    for (String line : new String(read(0, (int) DETAILS), StandardCharsets.UTF_8).split("\n")) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        values.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    assertThat(values).containsKey(key);
    return values.get(key);
  }

  /** Where such a value begins. */
  int offsetOf(String key) throws IOException {
    String block = new String(read(0, (int) DETAILS), StandardCharsets.ISO_8859_1);
    int line = block.indexOf("\n" + key + "=");
    assertThat(line).as(key).isPositive();
    return line + key.length() + 2;
  }

  String state() throws IOException {
    return value("state");
  }

  String reason() throws IOException {
    return value("reason");
  }

  int attempts() throws IOException {
    return Integer.parseInt(value("attempts"));
  }

  /** Where the last segment of the index begins. */
  long index() throws IOException {
    return Long.parseLong(value("index").split(" ")[0]);
  }

  /** Where the data begin: behind the saver's files, of which the initramfs is the last. */
  long data() throws IOException {
    List<String> initramfs = List.of(value("saver_initramfs").split(" "));
    long end = Long.parseLong(initramfs.get(0)) + Long.parseLong(initramfs.get(1));
    return (end + MIB - 1) / MIB * MIB;
  }

  /** Turns one bit round, or back. */
  void flip(long offset) throws IOException {
    byte[] one = read(offset, 1);
    one[0] ^= 0x10;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      assertThat(channel.write(ByteBuffer.wrap(one), offset)).isEqualTo(1);
    }
  }

  /** Takes the end away: the disk is a smaller one. */
  void truncate(long size) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(size);
    }
  }

  private byte[] read(long offset, int length) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer bytes = ByteBuffer.allocate(length);
      while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {}
      assertThat(bytes.hasRemaining()).as("%s ends early", file).isFalse();
      return bytes.array();
    }
  }
}
