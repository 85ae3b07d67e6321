package org.dormouse.codec;

/**
 * The checksum that the {@code cksum} program of every POSIX system prints first: what a shell can
 * check.
 */
public final class PosixCksum {
  /** The polynomial that POSIX.1-2017 gives for {@code cksum}, without x^32. */
  private static final int POLYNOMIAL = 0x04c11db7;

  private PosixCksum() {}

  /** The checksum of {@code bytes}, 0 to 4294967295. For a few hundred bytes: it has no table. */
  public static long of(byte[] bytes) {
    int crc = 0;
    for (byte next : bytes) {
      crc = add(crc, next);
    }
    for (long length = bytes.length; length != 0; length >>>= Byte.SIZE) {
      crc = add(crc, (byte) length);
    }
    return Integer.toUnsignedLong(~crc);
  }

  private static int add(int before, byte next) {
    int crc = before ^ next << 24;
    for (int bit = 0; bit < Byte.SIZE; bit++) {
      crc = crc << 1 ^ (crc < 0 ? POLYNOMIAL : 0);
    }
    return crc;
  }
}
