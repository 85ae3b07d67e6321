package org.dormouse.mailbox;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.dormouse.memory.Pages;
import org.dormouse.text.KeyValues;

/**
 * Lines of text in some of the pages that two kernels see. How long the text is, and its check, lie
 * elsewhere.
 *
 * @param pages the pages
 * @param first the number of the first one for the text
 * @param end the number behind the last
 */
record PagedText(MailboxPages pages, int first, int end) {
  /** How many bytes the text may have. */
  int most() {
    return (end - first) * Pages.SIZE;
  }

  /**
   * Writes it.
   *
   * @throws IllegalArgumentException if it is too long
   */
  void put(byte[] text, Arena arena) throws IOException {
    if (text.length > most()) {
      throw new IllegalArgumentException("a text of " + text.length + " bytes is too long");
    }
    MemorySegment page = arena.allocate(Pages.SIZE, Pages.SIZE);
    for (int done = 0, number = first; done < text.length; done += Pages.SIZE, number++) {
      int count = Math.min(Pages.SIZE, text.length - done);
      page.fill((byte) 0);
      MemorySegment.copy(text, done, page, ValueLayout.JAVA_BYTE, 0, count);
      pages.write(number, page);
    }
  }

  /**
   * Reads it.
   *
   * @throws IOException if it cannot be read or does not match {@code check}
   */
  KeyValues get(long bytes, long check, Arena arena) throws IOException {
    if (bytes < 0 || bytes > most()) {
      throw new IOException("a text of " + bytes + " bytes cannot be there");
    }
    byte[] text = new byte[(int) bytes];
    MemorySegment page = arena.allocate(Pages.SIZE, Pages.SIZE);
    for (int done = 0, number = first; done < text.length; done += Pages.SIZE, number++) {
      pages.read(number, page);
      int count = Math.min(Pages.SIZE, text.length - done);
      MemorySegment.copy(page, ValueLayout.JAVA_BYTE, 0, text, done, count);
    }
    if (check(text) != check) {
      throw new IOException("the text does not match its checksum");
    }
    return KeyValues.parse(new String(text, StandardCharsets.UTF_8));
  }

  /** CRC-32C, with a bit that is always set, so that a mailbox of zeros holds no text. */
  static long check(byte[] text) {
    if (text.length == 0) {
      return 0;
    }
    CRC32C crc = new CRC32C();
    crc.update(text);
    return crc.getValue() | 1L << 32;
  }
}
