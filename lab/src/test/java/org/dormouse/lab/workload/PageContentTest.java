package org.dormouse.lab.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.zip.Deflater;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class PageContentTest {
  private static final PageContent CONTENT = new PageContent(7);

  private static long[] page(PageContent content, long number) {
    long[] words = new long[PageContent.WORDS];
    content.write(number, words);
    return words;
  }

  @Property(tries = 500)
  void theDigestIsKnownWithoutThePage(@ForAll @LongRange(min = 0, max = 1L << 40) long number) {
    assertThat(PageContent.digest(page(CONTENT, number))).isEqualTo(CONTENT.expectedDigest(number));
  }

  @Property(tries = 500)
  void aFlippedBitChangesTheDigest(
      @ForAll @LongRange(min = 0, max = 1 << 20) long number,
      @ForAll @IntRange(min = 0, max = PageContent.WORDS * 64 - 1) int bit) {
    long[] words = page(CONTENT, number);
    words[bit / 64] ^= 1L << bit % 64;
    assertThat(PageContent.digest(words)).isNotEqualTo(CONTENT.expectedDigest(number));
  }

  @Property(tries = 500)
  void aPageInTheWrongPlaceIsNoticed(
      @ForAll @LongRange(min = 0, max = 1 << 20) long number,
      @ForAll @LongRange(min = 1, max = 1 << 20) long distance) {
    assertThat(PageContent.digest(page(CONTENT, number)))
        .isNotEqualTo(CONTENT.expectedDigest(number + distance));
  }

  @Test
  void noTwoPagesHaveTheSameDigest() {
    Set<Long> digests = new HashSet<>();
    for (long number = 0; number < 100_000; number++) {
      assertThat(digests.add(CONTENT.expectedDigest(number))).isTrue();
    }
  }

  @Test
  void anotherSeedIsAnotherContent() {
    assertThat(page(new PageContent(8), 3)).isNotEqualTo(page(CONTENT, 3));
  }

  @Test
  void itCompressesAboutAsRealMemoryDoes() {
    byte[] memory = new byte[512 * PageContent.BYTES];
    java.nio.LongBuffer words = java.nio.ByteBuffer.wrap(memory).asLongBuffer();
    for (long number = 0; number < 512; number++) {
      words.put(page(CONTENT, number));
    }
    assertThat((double) compressedSize(memory) / memory.length).isBetween(0.3, 0.6);
  }

  private static int compressedSize(byte[] data) {
    try (Deflater deflater = new Deflater(Deflater.BEST_SPEED)) {
      deflater.setInput(data);
      deflater.finish();
      return deflater.deflate(new byte[data.length]);
    }
  }
}
