package org.dormouse.lab.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import org.dormouse.codec.Aead;
import org.dormouse.codec.Codec;
import org.dormouse.codec.Comparison;
import org.dormouse.codec.Compressor;
import org.dormouse.codec.Lz4;
import org.dormouse.codec.Xxh64;
import org.dormouse.codec.Zstd;
import org.dormouse.dump.CoreFile;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;

/**
 * What each step of an image's pipeline costs by itself, in one thread, on pages of a vmcore: what
 * codec, chunk size and cipher are chosen by, and what a whole image is limited by.
 */
public final class CodecBench implements AutoCloseable {
  private static final int KIB = 1 << 10;
  private static final int MIB = 1 << 20;
  private static final int PASSES = 3;

  /** Chunks as images have them. */
  private static final int CHUNK_BYTES = MIB;

  private static final long CHUNK_PAGES = CHUNK_BYTES / Pages.SIZE;
  private static final List<Integer> OTHER_CHUNKS = List.of(16 * KIB, 64 * KIB, 256 * KIB, 4 * MIB);
  private static final int LARGEST_CHUNK = 4 * MIB;

  private final Arena arena = Arena.ofConfined();
  private final Consumer<CodecMeasurement> teller;
  private final MemorySegment pages;
  private final MemorySegment stored;
  private final MemorySegment chunk = arena.allocate(LARGEST_CHUNK, Pages.SIZE);

  /**
   * Takes a sample.
   *
   * @param bytes of pages that are not zero, from all over the vmcore; less if it has less
   * @param teller gets each measurement
   */
  public CodecBench(CoreFile core, long bytes, Consumer<CodecMeasurement> teller)
      throws IOException {
    this.teller = teller;
    this.pages = sample(core, Pages.alignUp(bytes, Pages.SIZE));
    this.stored =
        arena.allocate(
            pages.byteSize() + Math.max(Lz4.bound(LARGEST_CHUNK), Zstd.bound(LARGEST_CHUNK)),
            Pages.SIZE);
  }

  /** The size of the sample in bytes. */
  public long bytes() {
    return pages.byteSize();
  }

  private MemorySegment sample(CoreFile core, long bytes) throws IOException {
    MemorySegment all = arena.allocate(bytes, Pages.SIZE);
    long taken = 0;
    try (Arena working = Arena.ofShared()) {
      PageSet present = core.presence(working).stored();
      // A vmcore may be zero for the most part: twice as much is looked at as is wanted.
      long every = Math.max(1, Pages.address(present.count()) / (2 * bytes));
      long pfn = present.next(0);
      while (pfn < present.limit() && taken < bytes) {
        long window = Pages.alignDown(pfn, CHUNK_PAGES);
        long end = Math.min(present.nextAbsent(pfn), window + CHUNK_PAGES);
        try (Frames.Lease lease = core.frames().lease(new PageRange(pfn, end))) {
          taken += take(lease.memory(), all.asSlice(taken));
        }
        pfn = present.next(end == window + CHUNK_PAGES ? window + every * CHUNK_PAGES : end);
      }
    }
    if (taken == 0) {
      throw new IOException("the vmcore has no page that is not zero");
    }
    return all.asSlice(0, taken);
  }

  /** Copies pages that are not zero, as many as fit; returns their bytes. */
  private long take(MemorySegment memory, MemorySegment target) {
    MemorySegment zeros = chunk.asSlice(0, Pages.SIZE).fill((byte) 0);
    long taken = 0;
    for (long at = 0; at < memory.byteSize() && taken < target.byteSize(); at += Pages.SIZE) {
      if (!Comparison.startsWith(zeros, memory.asSlice(at, Pages.SIZE))) {
        MemorySegment.copy(memory, at, target, taken, Pages.SIZE);
        taken += Pages.SIZE;
      }
    }
    return taken;
  }

  /** Measures every step. */
  public void run() {
    step("copy", (source, target) -> target.copyFrom(source).byteSize());
    step("XXH64", (source, _) -> Xxh64.of(source) == 0 ? 0 : source.byteSize());
    for (Aead.Cipher cipher : Aead.Cipher.values()) {
      cipher(cipher);
    }
    for (int acceleration : List.of(1, 2, 4, 8, 16)) {
      codec("LZ4, acceleration " + acceleration, new Codec.OfLz4(acceleration), CHUNK_BYTES);
    }
    for (int level : List.of(1, 2, 3)) {
      codec("Zstandard, level " + level, new Codec.OfZstd(level), CHUNK_BYTES);
    }
    for (int chunkBytes : OTHER_CHUNKS) {
      codec("LZ4, acceleration 4", new Codec.OfLz4(4), chunkBytes);
      codec("Zstandard, level 1", new Codec.OfZstd(1), chunkBytes);
    }
  }

  /** What is done with a chunk. */
  private interface Step {
    /** Does it; returns how many bytes of {@code target} are the result. */
    long of(MemorySegment source, MemorySegment target);
  }

  /** How long the fastest of several passes took over the sample, and how much came out. */
  private record Passes(double seconds, long result) {
    double mibPerSecond(long bytes) {
      return bytes / (double) MIB / seconds;
    }
  }

  private void step(String label, Step step) {
    Passes passes = forth(step, CHUNK_BYTES, new int[chunks(CHUNK_BYTES)]);
    tell(label, CHUNK_BYTES, passes, OptionalDouble.empty());
  }

  private void cipher(Aead.Cipher cipher) {
    try (Arena own = Arena.ofConfined();
        Aead aead = new Aead(cipher, own.allocate(Aead.KEY_BYTES))) {
      MemorySegment tag = own.allocate(Aead.TAG_BYTES);
      step(
          cipher.name(),
          (source, _) -> {
            // In place, as in an image; over and over with one number, since it protects nothing.
            aead.encrypt(0, MemorySegment.NULL, chunk.asSlice(0, source.byteSize()), tag);
            return source.byteSize();
          });
    }
  }

  private void codec(String label, Codec codec, int chunkBytes) {
    try (Arena own = Arena.ofConfined()) {
      Compressor compressor = codec.compressor(own);
      int[] lengths = new int[chunks(chunkBytes)];
      Passes forth = forth(compressor::compress, chunkBytes, lengths);
      Step decompress =
          switch (codec) {
            case Codec.OfLz4 _ -> Lz4::decompress;
            case Codec.OfZstd _ -> new Zstd.Decompressor(own)::decompress;
          };
      double back = back(decompress, chunkBytes, lengths).mibPerSecond(bytes());
      tell(label, chunkBytes, forth, OptionalDouble.of(back));
    }
  }

  private int chunks(int chunkBytes) {
    return Math.toIntExact((bytes() + chunkBytes - 1) / chunkBytes);
  }

  /**
   * Passes over the sample.
   *
   * @param lengths are filled with those of the results, which lie back to back in {@code stored};
   *     0 for a chunk that would not become shorter, and is taken as it is
   */
  private Passes forth(Step step, int chunkBytes, int[] lengths) {
    double seconds = Double.MAX_VALUE;
    long to = 0;
    for (int pass = 0; pass < PASSES; pass++) {
      long begun = System.nanoTime();
      to = 0;
      for (int i = 0; i < lengths.length; i++) {
        MemorySegment source = source(i, chunkBytes);
        long length = step.of(source, stored.asSlice(to));
        lengths[i] = length < source.byteSize() ? (int) length : 0;
        to += Math.min(length, source.byteSize());
      }
      seconds = Math.min(seconds, (System.nanoTime() - begun) / 1e9);
    }
    return new Passes(seconds, to);
  }

  private Passes back(Step step, int chunkBytes, int[] lengths) {
    double seconds = Double.MAX_VALUE;
    for (int pass = 0; pass < PASSES; pass++) {
      long begun = System.nanoTime();
      long from = 0;
      for (int i = 0; i < lengths.length; i++) {
        long bytes = source(i, chunkBytes).byteSize();
        MemorySegment target = chunk.asSlice(0, bytes);
        long length = lengths[i] == 0 ? bytes : lengths[i];
        MemorySegment source = stored.asSlice(from, length);
        long out = lengths[i] == 0 ? target.copyFrom(source).byteSize() : step.of(source, target);
        if (out != bytes) {
          throw new IllegalStateException("chunk " + i + " came back as " + out + " bytes");
        }
        from += length;
      }
      seconds = Math.min(seconds, (System.nanoTime() - begun) / 1e9);
    }
    return new Passes(seconds, bytes());
  }

  private MemorySegment source(int index, int chunkBytes) {
    long from = (long) index * chunkBytes;
    return pages.asSlice(from, Math.min(chunkBytes, bytes() - from));
  }

  private void tell(String label, int chunkBytes, Passes forth, OptionalDouble back) {
    teller.accept(
        new CodecMeasurement(
            label,
            chunkBytes,
            forth.mibPerSecond(bytes()),
            back,
            100.0 * forth.result() / bytes()));
  }

  @Override
  public void close() {
    arena.close();
  }
}
