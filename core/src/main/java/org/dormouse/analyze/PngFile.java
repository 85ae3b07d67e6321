package org.dormouse.analyze;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Portable Network Graphics (RFC 2083): red, green and blue, 8 bits each. */
final class PngFile {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int TRUE_COLOR = 2;
  private static final int BITS = 8;

  private PngFile() {}

  /**
   * The file.
   *
   * @param rgb {@code 3 * width * height} bytes, row by row
   */
  static byte[] of(int width, int height, byte[] rgb) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(SIGNATURE);
    chunk(
        file,
        "IHDR",
        ByteBuffer.allocate(13)
            .putInt(width)
            .putInt(height)
            .put((byte) BITS)
            .put((byte) TRUE_COLOR)
            .array());
    chunk(file, "IDAT", compressed(width, height, rgb));
    chunk(file, "IEND", new byte[0]);
    return file.toByteArray();
  }

  /** Each row begins with the number of its filter, 0 for none. */
  private static byte[] compressed(int width, int height, byte[] rgb) {
    byte[] rows = new byte[height * (3 * width + 1)];
    for (int y = 0; y < height; y++) {
      System.arraycopy(rgb, y * 3 * width, rows, y * (3 * width + 1) + 1, 3 * width);
    }
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION)) {
      deflater.setInput(rows);
      deflater.finish();
      byte[] buffer = new byte[1 << 16];
      while (!deflater.finished()) {
        compressed.write(buffer, 0, deflater.deflate(buffer));
      }
    }
    return compressed.toByteArray();
  }

  private static void chunk(ByteArrayOutputStream file, String type, byte[] contents) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 check = new CRC32();
    check.update(name);
    check.update(contents);
    file.writeBytes(ByteBuffer.allocate(4).putInt(contents.length).array());
    file.writeBytes(name);
    file.writeBytes(contents);
    file.writeBytes(ByteBuffer.allocate(4).putInt((int) check.getValue()).array());
  }
}
