package org.dormouse.lab.workload;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/**
 * Writes pages of something that compresses as text does: words of a small language, put after each
 * other at random. Eight letters are set at a time.
 */
final class PageText {
  private static final String LETTERS = "etaoinshrdlu";
  private static final int VOCABULARY = 2048;

  private final SplittableRandom random;
  private final long[] vocabulary = new long[VOCABULARY];

  PageText(SplittableRandom random) {
    this.random = random;
    for (int i = 0; i < VOCABULARY; i++) {
      vocabulary[i] = word();
    }
  }

  /** Seven letters at most and a space, as the 64 bits that they are in memory. */
  private long word() {
    byte[] letters = "        ".getBytes(StandardCharsets.US_ASCII);
    int length = 2 + random.nextInt(6);
    long word = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      int letter = i < length ? LETTERS.charAt(random.nextInt(1 + random.nextInt(12))) : letters[i];
      word |= (long) letter << (8 * i);
    }
    return word;
  }

  /** The first word is left 0. Common words come more often than others. */
  long[] nextPage() {
    long[] words = new long[PageContent.WORDS];
    for (int i = 1; i < words.length; i++) {
      long dice = random.nextLong();
      int commonness = 1 + (int) (dice >>> 40 & VOCABULARY - 1);
      words[i] = vocabulary[(int) ((dice & 0xffffff) % commonness)];
    }
    return words;
  }
}
