package org.dormouse.lab.workload;

import java.util.SplittableRandom;

/**
 * What belongs into each page of a workload's memory: a pure function of the seed and the page's
 * number. A page is 512 words of 64 bits.
 *
 * <p>Real memory is a mixture, and so is this: of 16 pages, 7 hold something like text, 4 are
 * random and like no other page, and 5 repeat a few words. The first word of each page is made of
 * its number, so that no two pages are equal and a page in another's place is noticed.
 *
 * <p>The digest of a page is a polynomial over its words, with an odd base, modulo 2<sup>64</sup>.
 * It is linear, so that the expected one is computed without making the page; and because an odd
 * number has an inverse, a change in one word always changes it.
 */
final class PageContent {
  static final int WORDS = 512;
  static final int BYTES = WORDS * Long.BYTES;

  private static final int TEXT_PAGES = 256;
  private static final int REPEATED_PAGES = 32;
  private static final long BASE = 0x9e3779b97f4a7c15L;
  private static final long WEIGHT_OF_FIRST = power(BASE, WORDS - 1);

  private final long seed;
  private final long[][] text = new long[TEXT_PAGES][];
  private final long[][] repeated = new long[REPEATED_PAGES][];
  private final long[] noise;
  private final long[] spread;
  private final long[] textDigests;
  private final long[] repeatedDigests;
  private final long noiseDigest;
  private final long spreadDigest;

  PageContent(long seed) {
    this.seed = seed;
    SplittableRandom random = new SplittableRandom(seed);
    PageText writer = new PageText(random);
    for (int i = 0; i < TEXT_PAGES; i++) {
      text[i] = writer.nextPage();
    }
    for (int i = 0; i < REPEATED_PAGES; i++) {
      repeated[i] = repeatedPage(random);
    }
    noise = randomPage(random);
    spread = randomPage(random);
    textDigests = digests(text);
    repeatedDigests = digests(repeated);
    noiseDigest = digest(noise);
    spreadDigest = digest(spread);
  }

  /** Writes the content of a page into an array of 512 words. */
  void write(long page, long[] words) {
    long key = key(page);
    switch (kind(key)) {
      case TEXT -> System.arraycopy(text[choice(key, TEXT_PAGES)], 0, words, 0, WORDS);
      case REPEATED -> System.arraycopy(repeated[choice(key, REPEATED_PAGES)], 0, words, 0, WORDS);
      default -> {
        for (int i = 0; i < WORDS; i++) {
          words[i] = noise[i] + key * spread[i];
        }
      }
    }
    words[0] = key;
  }

  /** The digest that the content of a page has to have. */
  long expectedDigest(long page) {
    long key = key(page);
    long rest =
        switch (kind(key)) {
          case TEXT -> textDigests[choice(key, TEXT_PAGES)];
          case REPEATED -> repeatedDigests[choice(key, REPEATED_PAGES)];
          default -> noiseDigest + key * spreadDigest;
        };
    return rest + key * WEIGHT_OF_FIRST;
  }

  /** The digest of what is in the array. */
  static long digest(long[] words) {
    long digest = 0;
    for (int i = 0; i < WORDS; i++) {
      digest = digest * BASE + words[i];
    }
    return digest;
  }

  private static final int TEXT = 0;
  private static final int REPEATED = 1;
  private static final int RANDOM = 2;

  private static int kind(long key) {
    int of16 = (int) (key & 15);
    return of16 < 7 ? TEXT : of16 < 12 ? REPEATED : RANDOM;
  }

  private static int choice(long key, int count) {
    return (int) (key >>> 32 & count - 1);
  }

  /** Mixes the page's number with the seed; the finalizer of SplitMix64, which is a bijection. */
  private long key(long page) {
    long z = page * BASE + seed;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  private static long[] repeatedPage(SplittableRandom random) {
    long[] words = new long[WORDS];
    int period = 1 << random.nextInt(4);
    for (int i = 1; i < WORDS; i++) {
      words[i] = i <= period ? random.nextLong() & 0xffff : words[i - period];
    }
    return words;
  }

  private static long[] randomPage(SplittableRandom random) {
    long[] words = new long[WORDS];
    for (int i = 1; i < WORDS; i++) {
      words[i] = random.nextLong();
    }
    return words;
  }

  private static long[] digests(long[][] pages) {
    long[] digests = new long[pages.length];
    for (int i = 0; i < pages.length; i++) {
      digests[i] = digest(pages[i]);
    }
    return digests;
  }

  private static long power(long base, int exponent) {
    long power = 1;
    for (int i = 0; i < exponent; i++) {
      power *= base;
    }
    return power;
  }
}
