package org.dormouse.lab.workload;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes memory look used: fills it with random bytes and ends, so that the pages are free again and
 * keep what was in them.
 *
 * <p>One block is random; the others are copies of it, each begun at another page. No compressor
 * that looks back less than a block can make them smaller, and copying is what an emulated
 * processor does fastest.
 */
public final class UsedMemory {
  private static final long BLOCK_BYTES = 4 << 20;
  private static final long PAGE_BYTES = 4096;

  /** The kernel can back aligned memory with big pages, which are faster to fill. */
  private static final long ALIGNMENT = 2 << 20;

  private UsedMemory() {}

  /**
   * Fills.
   *
   * @param arguments how many bytes, rounded up to whole blocks of 4 MiB
   */
  public static void main(String[] arguments) throws InterruptedException {
    fill(Long.parseLong(arguments[0]), Arena.global());
  }

  static MemorySegment fill(long bytes, Arena arena) throws InterruptedException {
    long blocks = Math.ceilDiv(bytes, BLOCK_BYTES);
    MemorySegment all = arena.allocate(Math.max(1, blocks) * BLOCK_BYTES, ALIGNMENT);
    MemorySegment random = arena.allocate(BLOCK_BYTES, ALIGNMENT);
    randomize(random);
    AtomicLong next = new AtomicLong();
    Thread[] threads = new Thread[Runtime.getRuntime().availableProcessors()];
    for (int i = 0; i < threads.length; i++) {
      threads[i] = new Thread(new Copier(random, all, next), "copy-" + i);
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return all;
  }

  /** The generator xorshift64 (Marsaglia 2003): a word for three shifts. */
  private static void randomize(MemorySegment block) {
    long word = 0x9e3779b97f4a7c15L;
    for (long at = 0; at < block.byteSize(); at += Long.BYTES) {
      word ^= word << 13;
      word ^= word >>> 7;
      word ^= word << 17;
      block.set(ValueLayout.JAVA_LONG, at, word);
    }
  }

  private static final class Copier implements Runnable {
    private final MemorySegment random;
    private final MemorySegment all;
    private final AtomicLong next;

    Copier(MemorySegment random, MemorySegment all, AtomicLong next) {
      this.random = random;
      this.all = all;
      this.next = next;
    }

    @Override
    public void run() {
      long count = all.byteSize() / BLOCK_BYTES;
      for (long block = next.getAndIncrement(); block < count; block = next.getAndIncrement()) {
        long turn = block * PAGE_BYTES % BLOCK_BYTES;
        long start = block * BLOCK_BYTES;
        MemorySegment.copy(random, turn, all, start, BLOCK_BYTES - turn);
        MemorySegment.copy(random, 0, all, start + BLOCK_BYTES - turn, turn);
      }
    }
  }
}
