package org.dormouse.initramfs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * The header of a Zstandard frame, RFC 8878 section 3.1.1.1.
 *
 * @param contentBytes unpacked size
 * @param windowBytes memory that unpacking needs, in the kernel at most {@link #KERNEL_WINDOW}
 */
record ZstdFrame(long contentBytes, long windowBytes) {

  /** The largest window that the kernel unpacks: {@code lib/decompress_unzstd.c}. */
  static final long KERNEL_WINDOW = 8L << 20;

  /** The most bytes a header can have. */
  static final int MAX_HEADER = 18;

  private static final int MAGIC = 0xFD2FB528;

  /**
   * Reads a header.
   *
   * @param start the first bytes of the frame, {@link #MAX_HEADER} or all there are
   * @param path for messages
   * @throws IOException if this is no frame, or one that does not tell its content's size
   */
  static ZstdFrame parse(ByteBuffer start, Path path) throws IOException {
    ByteBuffer in = start.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    if (in.remaining() < 6 || in.getInt() != MAGIC) {
      throw new IOException(path + ": not compressed by zstd");
    }
    int descriptor = in.get();
    boolean singleSegment = (descriptor & 0x20) != 0;
    int sizeBytes = contentSizeBytes(descriptor >>> 6 & 3, singleSegment);
    int dictionaryBytes = new int[] {0, 1, 2, 4}[descriptor & 3];
    if (sizeBytes == 0) {
      throw new IOException(path + ": the zstd frame does not tell its unpacked size");
    }
    if (in.remaining() < (singleSegment ? 0 : 1) + dictionaryBytes + sizeBytes) {
      throw new IOException(path + ": ends within the zstd header");
    }
    long window = singleSegment ? 0 : windowBytes(in.get());
    in.position(in.position() + dictionaryBytes);
    long content =
        switch (sizeBytes) {
          case 1 -> in.get() & 0xFFL;
          case 2 -> (in.getShort() & 0xFFFFL) + 256;
          case 4 -> in.getInt() & 0xFFFF_FFFFL;
          default -> in.getLong();
        };
    return new ZstdFrame(content, singleSegment ? content : window);
  }

  private static int contentSizeBytes(int flag, boolean singleSegment) {
    return flag == 0 ? (singleSegment ? 1 : 0) : 1 << flag;
  }

  private static long windowBytes(int descriptor) {
    long base = 1L << (10 + (descriptor >>> 3 & 0x1F));
    return base + base / 8 * (descriptor & 7);
  }
}
