package org.dormouse.lab;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * What QEMU's {@code blklogwrites} driver has written down of a disk: every write with its bytes,
 * and every flush, in the order in which they ended. The format is the one of Linux' {@code
 * drivers/md/dm-log-writes.c}: a super block, then for each entry a sector that describes it and
 * the bytes that were written.
 *
 * @param bytes the whole log
 * @param entries what happened
 */
record WriteLog(MemorySegment bytes, List<Entry> entries) {
  /** The unit of the log, and of what a loss of power tears. */
  static final int SECTOR_BYTES = 512;

  // WRITE_LOG_MAGIC, WRITE_LOG_VERSION and the flags of struct log_write_entry.
  static final long MAGIC = 0x6a736677736872L;
  static final long VERSION = 1;
  static final long FLUSH = 1;
  private static final long FUA = 2;
  private static final long DISCARD = 4;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** What a disk was told to do. */
  sealed interface Entry {
    /**
     * A write.
     *
     * @param sector where on the disk it begins
     * @param sectors how long it is
     * @param logSector where in the log its bytes begin
     */
    record Write(int sector, int sectors, int logSector) implements Entry {}

    /** All writes before it are durable. */
    record Flush() implements Entry {}
  }

  WriteLog {
    entries = List.copyOf(entries);
  }

  /** Reads the log of a machine that has switched itself off, or is doing nothing. */
  static WriteLog read(Arena arena, Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return parse(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
    }
  }

  /** How many entries there are so far. */
  static int length(Path file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return read(arena, file).entries().size();
    }
  }

  /** Finds the entries. */
  static WriteLog parse(MemorySegment bytes) throws IOException {
    List<Entry> entries = new ArrayList<>();
    if (bytes.byteSize() == 0) {
      return new WriteLog(bytes, entries);
    }
    if (bytes.get(LONG, 0) != MAGIC
        || bytes.get(LONG, 8) != VERSION
        || bytes.get(INT, 24) != SECTOR_BYTES) {
      throw new IOException("not a log of writes with sectors of " + SECTOR_BYTES + " bytes");
    }
    long count = bytes.get(LONG, 16);
    int at = 1;
    for (long i = 0; i < count; i++) {
      MemorySegment head = bytes.asSlice((long) at * SECTOR_BYTES, SECTOR_BYTES);
      int sectors = Math.toIntExact(head.get(LONG, 8));
      int sector = Math.toIntExact(head.get(LONG, 0));
      add(entries, head.get(LONG, 16), new Entry.Write(sector, sectors, at + 1));
      at += 1 + sectors;
    }
    return new WriteLog(bytes, entries);
  }

  private static void add(List<Entry> entries, long flags, Entry.Write write) throws IOException {
    if ((flags & ~(FLUSH | FUA)) != 0) {
      String what = (flags & DISCARD) == 0 ? "flags " + flags : "a discard";
      throw new IOException("the log has " + what + ", which is not known here");
    }
    if (flags != 0 && write.sectors() != 0) {
      throw new IOException("the log has a write with flags " + flags);
    }
    entries.add(flags == 0 ? write : new Entry.Flush());
  }

  /** One sector of a write, as it was written. */
  MemorySegment sector(int logSector) {
    return bytes.asSlice((long) logSector * SECTOR_BYTES, SECTOR_BYTES);
  }
}
