package org.dormouse.lab.workload;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory off the heap in blocks of 4 MiB, each page of which holds what {@link PageContent} says.
 * It only grows. One thread at a time may call it; it works with a thread for each CPU.
 */
final class FilledMemory {
  static final int BLOCK_BYTES = 4 << 20;

  /** The kernel can back aligned memory with big pages, which are faster to fill. */
  private static final int ALIGNMENT = 2 << 20;

  private static final int BLOCK_PAGES = BLOCK_BYTES / PageContent.BYTES;

  private final PageContent content;
  private MemorySegment[] blocks = new MemorySegment[0];

  FilledMemory(PageContent content) {
    this.content = content;
  }

  long bytes() {
    return (long) blocks.length * BLOCK_BYTES;
  }

  MemorySegment block(int index) {
    return blocks[index];
  }

  /** Adds this many bytes, rounded up to whole blocks, and fills them. */
  void grow(long bytes) throws InterruptedException {
    int first = blocks.length;
    blocks = Arrays.copyOf(blocks, Math.toIntExact(first + Math.ceilDiv(bytes, BLOCK_BYTES)));
    overBlocks(new Filler(new AtomicInteger(first)));
  }

  /** How many pages do not hold what they should. */
  long wrongPages() throws InterruptedException {
    Checker checker = new Checker(new AtomicInteger(), new AtomicLong());
    overBlocks(checker);
    return checker.wrong.get();
  }

  private static void overBlocks(Runnable worker) throws InterruptedException {
    Thread[] helpers = new Thread[Runtime.getRuntime().availableProcessors() - 1];
    for (int i = 0; i < helpers.length; i++) {
      helpers[i] = new Thread(worker, "blocks-" + i);
      helpers[i].start();
    }
    worker.run();
    for (Thread helper : helpers) {
      helper.join();
    }
  }

  private final class Filler implements Runnable {
    private final AtomicInteger next;

    Filler(AtomicInteger next) {
      this.next = next;
    }

    @Override
    public void run() {
      long[] page = new long[PageContent.WORDS];
      for (int i = next.getAndIncrement(); i < blocks.length; i = next.getAndIncrement()) {
        blocks[i] = Arena.global().allocate(BLOCK_BYTES, ALIGNMENT);
        fill(i, page);
      }
    }

    private void fill(int index, long[] page) {
      for (int i = 0; i < BLOCK_PAGES; i++) {
        content.write((long) index * BLOCK_PAGES + i, page);
        MemorySegment.copy(
            page,
            0,
            blocks[index],
            ValueLayout.JAVA_LONG,
            (long) i * PageContent.BYTES,
            PageContent.WORDS);
      }
    }
  }

  private final class Checker implements Runnable {
    private final AtomicInteger next;
    private final AtomicLong wrong;

    Checker(AtomicInteger next, AtomicLong wrong) {
      this.next = next;
      this.wrong = wrong;
    }

    @Override
    public void run() {
      long[] page = new long[PageContent.WORDS];
      for (int i = next.getAndIncrement(); i < blocks.length; i = next.getAndIncrement()) {
        wrong.addAndGet(wrongPagesIn(i, page));
      }
    }

    private int wrongPagesIn(int index, long[] page) {
      int found = 0;
      for (int i = 0; i < BLOCK_PAGES; i++) {
        MemorySegment.copy(
            blocks[index],
            ValueLayout.JAVA_LONG,
            (long) i * PageContent.BYTES,
            page,
            0,
            PageContent.WORDS);
        if (PageContent.digest(page) != content.expectedDigest((long) index * BLOCK_PAGES + i)) {
          found++;
        }
      }
      return found;
    }
  }
}
