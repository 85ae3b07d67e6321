package org.dormouse.lab.debian;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * Sectors as dm-crypt's {@code aes-xts-plain64} has them: AES in XTS mode (IEEE 1619), the tweak
 * being the sector's number, little-endian. So a disk can be encrypted where there is no dm-crypt.
 */
final class XtsSectors {
  /**
   * Of LUKS2's sectors. Their numbers count units of {@link Partition#SECTOR_BYTES} all the same.
   */
  static final int BYTES = 4096;

  /** Two keys of AES-256. */
  static final int KEY_BYTES = 64;

  private static final int BLOCK = 16;

  /** The polynomial of the field that the tweaks are multiplied in. */
  private static final long POLYNOMIAL = 0x87;

  private final Cipher data;
  private final Cipher tweak;
  private final byte[] tweaks = new byte[BYTES];

  private XtsSectors(byte[] key, int mode) throws GeneralSecurityException {
    if (key.length != KEY_BYTES) {
      throw new IllegalArgumentException("a key of " + key.length + " bytes");
    }
    data = aes(Arrays.copyOf(key, KEY_BYTES / 2), mode);
    tweak = aes(Arrays.copyOfRange(key, KEY_BYTES / 2, KEY_BYTES), Cipher.ENCRYPT_MODE);
  }

  static XtsSectors encrypting(byte[] key) throws GeneralSecurityException {
    return new XtsSectors(key, Cipher.ENCRYPT_MODE);
  }

  static XtsSectors decrypting(byte[] key) throws GeneralSecurityException {
    return new XtsSectors(key, Cipher.DECRYPT_MODE);
  }

  private static Cipher aes(byte[] key, int mode) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"));
    return cipher;
  }

  /**
   * Changes a sector in place.
   *
   * @param bytes has it
   * @param at where it begins there
   * @param offset where it begins on the encrypted device, in bytes
   */
  void change(byte[] bytes, int at, long offset) throws GeneralSecurityException {
    fillTweaks(offset / Partition.SECTOR_BYTES);
    xor(bytes, at);
    data.update(bytes, at, BYTES, bytes, at);
    xor(bytes, at);
  }

  private void fillTweaks(long number) throws GeneralSecurityException {
    ByteBuffer first = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN).putLong(0, number);
    ByteBuffer value = ByteBuffer.wrap(tweak.update(first.array())).order(ByteOrder.LITTLE_ENDIAN);
    long low = value.getLong(0);
    long high = value.getLong(Long.BYTES);
    ByteBuffer all = ByteBuffer.wrap(tweaks).order(ByteOrder.LITTLE_ENDIAN);
    while (all.hasRemaining()) {
      all.putLong(low).putLong(high);
      long carry = high >>> (Long.SIZE - 1);
      high = (high << 1) | (low >>> (Long.SIZE - 1));
      low = (low << 1) ^ (carry * POLYNOMIAL);
    }
  }

  private void xor(byte[] bytes, int at) {
    for (int i = 0; i < BYTES; i++) {
      bytes[at + i] ^= tweaks[i];
    }
  }
}
