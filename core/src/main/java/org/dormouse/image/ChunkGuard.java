package org.dormouse.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;
import org.dormouse.codec.Xxh64;

/**
 * How a chunk is known again when it is read: by a checksum, or because it is sealed. What that
 * takes stands in the last word of its index entry. For one thread.
 */
sealed interface ChunkGuard extends AutoCloseable {
  /** How many bytes a chunk gets longer. */
  int extraBytes();

  /**
   * Guards a chunk.
   *
   * @param room its bytes, and behind them room for {@link #extraBytes}
   * @param length of the chunk without those
   * @return the word
   */
  long guard(long window, WindowPages pages, int codec, MemorySegment room, int length);

  /**
   * Looks whether a chunk is what was guarded.
   *
   * @param stored all its bytes; opened in place
   */
  PieceCipher.Verdict check(
      long word, long window, WindowPages pages, int codec, MemorySegment stored);

  @Override
  void close();

  /** By XXH64, which finds accidents. */
  record Checksum() implements ChunkGuard {
    @Override
    public int extraBytes() {
      return 0;
    }

    @Override
    public long guard(long window, WindowPages pages, int codec, MemorySegment room, int length) {
      return Xxh64.of(room.asSlice(0, length));
    }

    @Override
    public PieceCipher.Verdict check(
        long word, long window, WindowPages pages, int codec, MemorySegment stored) {
      return Xxh64.of(stored) == word ? PieceCipher.Verdict.GOOD : PieceCipher.Verdict.CHANGED;
    }

    @Override
    public void close() {}
  }

  /**
   * By a seal, which nobody can make who does not have the image's key. The word is the number of
   * the chunk; window, pages and codec are bound to it.
   */
  final class Sealed implements ChunkGuard {
    private static final ValueLayout.OfLong LONG =
        ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** The words before the offset in an index entry, and the codec. */
    private static final int BOUND_WORDS = WindowPages.WORDS + 2;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment bound = arena.allocate(LONG, BOUND_WORDS);
    private final PieceCipher cipher;
    private final AtomicLong numbers;

    /**
     * A guard.
     *
     * @param cipher is closed with this
     * @param numbers gives each chunk of the image its own
     */
    Sealed(PieceCipher cipher, AtomicLong numbers) {
      this.cipher = cipher;
      this.numbers = numbers;
    }

    @Override
    public int extraBytes() {
      return PieceCipher.EXTRA_BYTES;
    }

    @Override
    public long guard(long window, WindowPages pages, int codec, MemorySegment room, int length) {
      long number = numbers.getAndIncrement();
      bind(window, pages, codec);
      cipher.seal(number, bound, room, length);
      return number;
    }

    @Override
    public PieceCipher.Verdict check(
        long word, long window, WindowPages pages, int codec, MemorySegment stored) {
      bind(window, pages, codec);
      return cipher.open(word, bound, stored);
    }

    private void bind(long window, WindowPages pages, int codec) {
      bound.setAtIndex(LONG, 0, window);
      for (int i = 0; i < WindowPages.WORDS; i++) {
        bound.setAtIndex(LONG, 1L + i, pages.word(i));
      }
      bound.setAtIndex(LONG, 1L + WindowPages.WORDS, codec);
    }

    @Override
    public void close() {
      cipher.close();
      arena.close();
    }
  }
}
