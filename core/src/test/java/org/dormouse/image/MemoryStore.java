package org.dormouse.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongPredicate;
import org.dormouse.store.Store;
import org.dormouse.text.ReportException;

/** A store in memory that keeps a log of what happens to it, and can fail on demand. */
final class MemoryStore implements Store {
  /** What happened to a store. */
  sealed interface Event {
    /** A write; the bytes are a copy. */
    record Write(long offset, MemorySegment bytes) implements Event {}

    /** A flush. */
    record Flush() implements Event {}
  }

  private final Arena arena = Arena.ofShared();
  private final MemorySegment bytes;
  private final List<Event> log = new ArrayList<>();
  private final Set<Long> buffers = new HashSet<>();
  private Duration writeTime = Duration.ZERO;
  private long writesUntilFailure = Long.MAX_VALUE;
  private long readsUntilFailure = Long.MAX_VALUE;

  MemoryStore(long size) {
    bytes = arena.allocate(size, ALIGNMENT);
  }

  /** A store that ends earlier and begins with the same bytes. */
  MemoryStore truncated(long size) {
    MemoryStore copy = new MemoryStore(size);
    copy.bytes.copyFrom(bytes.asSlice(0, size));
    return copy;
  }

  /** Each write takes this long, or longer. */
  void takeAtLeast(Duration time) {
    writeTime = time;
  }

  /** The first {@code writes} writes succeed, then all fail. */
  void failAfterWrites(long writes) {
    writesUntilFailure = writes;
  }

  /** The first {@code reads} reads succeed, then all fail. */
  void failAfterReads(long reads) {
    readsUntilFailure = reads;
  }

  synchronized List<Event> log() {
    return List.copyOf(log);
  }

  /** Forgets what happened so far. */
  synchronized void forgetLog() {
    log.clear();
    buffers.clear();
  }

  /** How many different buffers were written from. */
  synchronized int buffersSeen() {
    return buffers.size();
  }

  void flip(long offset, int bit) {
    byte old = bytes.get(ValueLayout.JAVA_BYTE, offset);
    bytes.set(ValueLayout.JAVA_BYTE, offset, (byte) (old ^ 1 << bit));
  }

  void poke(long offset, byte value) {
    bytes.set(ValueLayout.JAVA_BYTE, offset, value);
  }

  void put(long offset, String text) {
    put(offset, text.getBytes(UTF_8));
  }

  void put(long offset, byte[] values) {
    bytes.asSlice(offset).copyFrom(MemorySegment.ofArray(values));
  }

  /** A store with the same bytes and an empty log. */
  MemoryStore copy() {
    return truncated(bytes.byteSize());
  }

  /**
   * What may be left of this store if the power fails after the first {@code happened} of {@code
   * events}: all that was flushed before; of the rest any sectors, the last of several writes or an
   * earlier one.
   */
  MemoryStore afterPowerLoss(List<Event> events, int happened, Random random) {
    MemoryStore after = copy();
    int flushed = events.subList(0, happened).lastIndexOf(new Event.Flush());
    for (int i = 0; i < flushed; i++) {
      after.replay(events.get(i), sector -> true);
    }
    List<Event> unflushed = new ArrayList<>(events.subList(flushed + 1, happened));
    Collections.shuffle(unflushed, random);
    for (Event event : unflushed) {
      int share = random.nextInt(5);
      after.replay(event, sector -> random.nextInt(4) < share);
    }
    return after;
  }

  private void replay(Event event, LongPredicate sectors) {
    if (event instanceof Event.Write write) {
      for (long at = 0; at < write.bytes().byteSize(); at += 512) {
        if (sectors.test(at)) {
          MemorySegment.copy(write.bytes(), at, bytes, write.offset() + at, 512);
        }
      }
    }
  }

  byte[] contents() {
    return bytes.toArray(ValueLayout.JAVA_BYTE);
  }

  @Override
  public String name() {
    return "/dev/memory";
  }

  @Override
  public long size() {
    return bytes.byteSize();
  }

  @Override
  public synchronized void read(long offset, MemorySegment target) throws ReportException {
    check(offset, target);
    if (readsUntilFailure-- <= 0) {
      throw new ReportException("cannot read", "Unchanged.", "Take another.");
    }
    target.copyFrom(bytes.asSlice(offset, target.byteSize()));
  }

  @Override
  public synchronized void write(long offset, MemorySegment source) throws ReportException {
    check(offset, source);
    if (writesUntilFailure-- <= 0) {
      throw new ReportException("cannot write", "Half written.", "Take another.");
    }
    LockSupport.parkNanos(writeTime.toNanos());
    buffers.add(source.address());
    log.add(new Event.Write(offset, MemorySegment.ofArray(source.toArray(ValueLayout.JAVA_BYTE))));
    bytes.asSlice(offset).copyFrom(source);
  }

  @Override
  public synchronized void flush() {
    log.add(new Event.Flush());
  }

  @Override
  public void close() {
    arena.close();
  }

  private static void check(long offset, MemorySegment memory) {
    if (((offset | memory.address() | memory.byteSize()) & (ALIGNMENT - 1)) != 0
        || !memory.isNative()) {
      throw new AssertionError("not aligned: " + offset + ", " + memory);
    }
  }
}
