package org.dormouse.lab.workload;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.OptionalLong;

/**
 * A number in a page of this process's memory, to be looked for from outside: wherever the page
 * lies, for the kernel moves pages when it makes room.
 */
public final class PlantedValue {
  /** The first words of the page, which nothing else has; any two numbers would do. */
  private static final long[] MARK = {0x6d6f7573652d3031L, 0x9e3779b97f4a7c15L};

  private final MemorySegment page = Arena.global().allocate(PageContent.BYTES, PageContent.BYTES);

  /** Makes a page with the number 0. */
  public PlantedValue() {
    for (int word = 0; word < MARK.length; word++) {
      page.setAtIndex(ValueLayout.JAVA_LONG, word, MARK[word]);
    }
  }

  void set(long value) {
    page.setAtIndex(ValueLayout.JAVA_LONG, MARK.length, value);
  }

  /** The number, if {@code words} are those of such a page. */
  public static OptionalLong in(long[] words) {
    return words[0] == MARK[0] && words[1] == MARK[1]
        ? OptionalLong.of(words[MARK.length])
        : OptionalLong.empty();
  }
}
