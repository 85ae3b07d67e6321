package org.dormouse.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.dormouse.store.Store;
import org.dormouse.store.StoreException;

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
    bytes.asSlice(offset).copyFrom(MemorySegment.ofArray(text.getBytes(UTF_8)));
  }

  /** Does again what a log says. */
  void replay(Event event) {
    if (event instanceof Event.Write write) {
      bytes.asSlice(write.offset()).copyFrom(write.bytes());
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
  public int sectorSize() {
    return 512;
  }

  @Override
  public synchronized void read(long offset, MemorySegment target) throws StoreException {
    check(offset, target);
    if (readsUntilFailure-- <= 0) {
      throw new StoreException("cannot read", "unchanged", "take another");
    }
    target.copyFrom(bytes.asSlice(offset, target.byteSize()));
  }

  @Override
  public synchronized void write(long offset, MemorySegment source) throws StoreException {
    check(offset, source);
    if (writesUntilFailure-- <= 0) {
      throw new StoreException("cannot write", "half written", "take another");
    }
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
