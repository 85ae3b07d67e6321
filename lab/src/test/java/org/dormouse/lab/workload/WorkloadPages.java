package org.dormouse.lab.workload;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** Tells the pages that a workload has filled from all others, wherever they are found. */
public final class WorkloadPages {
  private final PageContent content;

  /** By the first word, which no two pages have alike. */
  private final Map<Long, Integer> numbers = new HashMap<>();

  private final BitSet seen = new BitSet();

  /**
   * The pages of a workload.
   *
   * @param seed with which it was started
   * @param bytes how many it has filled
   */
  public WorkloadPages(long seed, long bytes) {
    content = new PageContent(seed);
    long[] words = new long[PageContent.WORDS];
    for (int page = 0; page < bytes / PageContent.BYTES; page++) {
      content.write(page, words);
      numbers.put(words[0], page);
    }
  }

  /** Whether this is one of the pages, each word of it right; then it has been seen. */
  public boolean isOne(long[] words) {
    Integer number = numbers.get(words[0]);
    boolean right = number != null && PageContent.digest(words) == content.expectedDigest(number);
    if (right) {
      seen.set(number);
    }
    return right;
  }

  /** How many different pages have been seen. */
  public int seen() {
    return seen.cardinality();
  }

  /** How many there are. */
  public int count() {
    return numbers.size();
  }

  /** None has been seen. */
  public void forget() {
    seen.clear();
  }
}
