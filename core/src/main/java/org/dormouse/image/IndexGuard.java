package org.dormouse.image;

import java.lang.foreign.MemorySegment;

/**
 * What is done to an index segment between memory and store, besides its checksum: nothing, or it
 * is sealed. The segments of a sealed index are numbered from 0, and each has the tag of the one
 * before it in its head. For one thread.
 */
sealed interface IndexGuard extends AutoCloseable {
  /** How many bytes a segment gets longer. */
  int extraBytes();

  /**
   * Guards the next segment.
   *
   * @param room the segment with its head, and behind it room for {@link #extraBytes}
   */
  void guard(MemorySegment room, long length);

  /**
   * Opens the segment before the one that was opened last.
   *
   * @param stored all its bytes; opened in place
   */
  PieceCipher.Verdict check(MemorySegment stored);

  @Override
  void close();

  /** Nothing. */
  record None() implements IndexGuard {
    @Override
    public int extraBytes() {
      return 0;
    }

    @Override
    public void guard(MemorySegment room, long length) {}

    @Override
    public PieceCipher.Verdict check(MemorySegment stored) {
      return PieceCipher.Verdict.GOOD;
    }

    @Override
    public void close() {}
  }

  /** A seal. */
  final class Sealed implements IndexGuard {
    private final PieceCipher cipher;
    private long number;
    private String tag;

    /**
     * A guard.
     *
     * @param cipher is closed with this
     * @param tag of the last segment, to open them; {@link SealLines.Tags#NO_INDEX} to seal them
     */
    Sealed(PieceCipher cipher, String tag) {
      this.cipher = cipher;
      this.tag = tag;
    }

    @Override
    public int extraBytes() {
      return PieceCipher.EXTRA_BYTES;
    }

    @Override
    public void guard(MemorySegment room, long length) {
      IndexSegment.putTagBefore(room, tag);
      cipher.seal(number++, MemorySegment.NULL, room, length);
      tag = PieceCipher.tag(room.asSlice(0, length + PieceCipher.EXTRA_BYTES));
    }

    @Override
    public PieceCipher.Verdict check(MemorySegment stored) {
      if (!PieceCipher.tag(stored).equals(tag)) {
        return PieceCipher.Verdict.CHANGED;
      }
      PieceCipher.Verdict verdict =
          cipher.open(PieceCipher.number(stored), MemorySegment.NULL, stored);
      tag = IndexSegment.tagBefore(stored);
      return verdict;
    }

    /** The tag of the segment that was guarded last. */
    String tag() {
      return tag;
    }

    @Override
    public void close() {
      cipher.close();
    }
  }
}
