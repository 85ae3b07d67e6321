package org.dormouse.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.dormouse.memory.Pages;
import org.dormouse.store.Store;
import org.dormouse.text.ReportException;

/**
 * Bytes of a real store, shared and never written, with some blocks changed; zeros behind their
 * end. As a store it is only to be read, but for what {@link #allowHeader} allows.
 */
final class ChangedStore implements Store {
  private final byte[] base;
  private final Map<Long, byte[]> changed = new HashMap<>();
  private long size;
  private boolean headerMayBeWritten;
  private int writes;

  ChangedStore(byte[] base, long size) {
    this.base = base;
    this.size = size;
  }

  /** The same without the changes. */
  ChangedStore unchanged() {
    return new ChangedStore(base, base.length);
  }

  /** Lets the first block be written from now on. */
  void allowHeader() {
    headerMayBeWritten = true;
  }

  /** How often it has been written. */
  int writes() {
    return writes;
  }

  void setSize(long bytes) {
    size = bytes;
  }

  byte at(long offset) {
    return bytes(offset, 1)[0];
  }

  void put(long offset, byte value) {
    changed.computeIfAbsent(Pages.pfn(offset), this::copy)[(int) (offset % ALIGNMENT)] = value;
  }

  void put(long offset, byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      put(offset + i, bytes[i]);
    }
  }

  byte[] bytes(long offset, int length) {
    byte[] bytes = new byte[length];
    for (int done = 0; done < length; ) {
      long at = offset + done;
      int inBlock = (int) (at % ALIGNMENT);
      int count = Math.min(length - done, ALIGNMENT - inBlock);
      byte[] block = changed.get(Pages.pfn(at));
      if (block != null) {
        System.arraycopy(block, inBlock, bytes, done, count);
      } else if (at < base.length) {
        System.arraycopy(base, (int) at, bytes, done, (int) Math.min(count, base.length - at));
      }
      done += count;
    }
    return bytes;
  }

  long word(long offset) {
    return ByteBuffer.wrap(bytes(offset, Long.BYTES)).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  void putWord(long offset, long value) {
    byte[] bytes = new byte[Long.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
    put(offset, bytes);
  }

  long xxh64(long offset, int length) {
    return HeaderForge.xxh64(bytes(offset, length));
  }

  private byte[] copy(long block) {
    byte[] copy = new byte[ALIGNMENT];
    long start = Pages.address(block);
    if (start < base.length) {
      System.arraycopy(base, (int) start, copy, 0, (int) Math.min(ALIGNMENT, base.length - start));
    }
    return copy;
  }

  @Override
  public String name() {
    return "/dev/changed";
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long offset, MemorySegment target) throws ReportException {
    check(offset, target);
    for (long done = 0; done < target.byteSize(); done += ALIGNMENT) {
      long block = Pages.pfn(offset + done);
      MemorySegment part = target.asSlice(done, ALIGNMENT);
      byte[] other = changed.get(block);
      if (other != null) {
        part.copyFrom(MemorySegment.ofArray(other));
      } else if (Pages.address(block) + ALIGNMENT <= base.length) {
        MemorySegment.copy(MemorySegment.ofArray(base), Pages.address(block), part, 0, ALIGNMENT);
      } else {
        part.copyFrom(MemorySegment.ofArray(copy(block)));
      }
    }
  }

  @Override
  public void write(long offset, MemorySegment source) throws ReportException {
    check(offset, source);
    if (!headerMayBeWritten || offset != 0 || source.byteSize() != ALIGNMENT) {
      throw new AssertionError(source.byteSize() + " bytes written at " + offset);
    }
    writes++;
    changed.put(0L, source.toArray(ValueLayout.JAVA_BYTE));
  }

  @Override
  public void flush() {
    if (!headerMayBeWritten) {
      throw new AssertionError("flushed");
    }
  }

  @Override
  public void close() {}

  private void check(long offset, MemorySegment memory) throws ReportException {
    if (((offset | memory.address() | memory.byteSize()) & (ALIGNMENT - 1)) != 0
        || offset < 0
        || !memory.isNative()) {
      throw new AssertionError("not aligned: " + offset + ", " + memory);
    }
    if (memory.byteSize() > size - offset) {
      throw new ReportException("the store ends", "It is as it was.", "Take a larger one.");
    }
  }
}
