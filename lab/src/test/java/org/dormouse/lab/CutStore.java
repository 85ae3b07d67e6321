package org.dormouse.lab;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.dormouse.lab.guest.GuestRoot;
import org.dormouse.store.Store;
import org.dormouse.text.ReportException;

/**
 * A store as a loss of power may leave it, at any moment of a log of writes: all that was flushed
 * is there; of what was written since, any sectors, the last of several writes or an earlier one.
 *
 * <p>Nothing is copied: for each sector of the store it is known where in the log its bytes are.
 */
final class CutStore implements Store {
  private static final int SECTOR = WriteLog.SECTOR_BYTES;

  /** What survives of the writes that were not flushed. */
  enum Unflushed {
    /** None: the disk has kept all of them in its cache. */
    LOST,
    /** All: the disk has no cache. */
    KEPT,
    /** Any sectors of any of them, in any order. */
    TORN
  }

  private final MemorySegment initial;
  private final WriteLog log;

  /** For each sector where in the log it is; 0 is what was there before the log began. */
  private final int[] durable;

  private final int[] present;
  private int position;
  private final List<WriteLog.Entry.Write> unflushed = new ArrayList<>();

  private CutStore(MemorySegment initial, WriteLog log) {
    this.initial = initial;
    this.log = log;
    this.durable = new int[Math.toIntExact(initial.byteSize() / SECTOR)];
    this.present = new int[durable.length];
  }

  /** Before the first entry of the log, when the store was as {@code initial} is now. */
  static CutStore of(Arena arena, Path initial, WriteLog log) throws IOException {
    try (FileChannel channel = FileChannel.open(initial, StandardOpenOption.READ)) {
      return new CutStore(
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena), log);
    }
  }

  /** Cuts the power when so many entries have happened: as many as the last time, or more. */
  void cut(int happened, Unflushed what, Random random) {
    advance(happened);
    System.arraycopy(durable, 0, present, 0, durable.length);
    switch (what) {
      case LOST -> {}
      case KEPT -> unflushed.forEach(write -> apply(write, present));
      case TORN -> tear(random);
    }
  }

  private void advance(int happened) {
    if (happened < position) {
      throw new IllegalArgumentException(position + " entries have happened, not " + happened);
    }
    for (; position < happened; position++) {
      switch (log.entries().get(position)) {
        case WriteLog.Entry.Write write -> unflushed.add(write);
        case WriteLog.Entry.Flush _ -> {
          unflushed.forEach(write -> apply(write, durable));
          unflushed.clear();
        }
      }
    }
  }

  private static void apply(WriteLog.Entry.Write write, int[] sectors) {
    for (int i = 0; i < write.sectors(); i++) {
      sectors[write.sector() + i] = write.logSector() + i;
    }
  }

  private void tear(Random random) {
    List<WriteLog.Entry.Write> order = new ArrayList<>(unflushed);
    Collections.shuffle(order, random);
    for (WriteLog.Entry.Write write : order) {
      // Quarters, so that some writes are there or missing as a whole.
      int share = random.nextInt(5);
      for (int i = 0; i < write.sectors(); i++) {
        if (random.nextInt(4) < share) {
          present[write.sector() + i] = write.logSector() + i;
        }
      }
    }
  }

  /** For each sector where its bytes come from: equal numbers, equal bytes. */
  int[] sectors() {
    return present.clone();
  }

  /** Makes a disk of it. */
  void writeTo(Path disk) throws IOException {
    GuestRoot.writeEmptyDisk(disk, size());
    try (FileChannel channel = FileChannel.open(disk, StandardOpenOption.WRITE)) {
      for (int sector = 0; sector < present.length; ) {
        int run = run(sector, present.length);
        MemorySegment bytes = bytes(sector, run);
        if (present[sector] != 0 || !isZero(bytes)) {
          ByteBuffer buffer = bytes.asByteBuffer();
          while (buffer.hasRemaining()) {
            channel.write(buffer, (long) sector * SECTOR + buffer.position());
          }
        }
        sector += run;
      }
    }
  }

  private static boolean isZero(MemorySegment bytes) {
    return bytes.get(ValueLayout.JAVA_BYTE, 0) == 0
        && bytes.asSlice(1).mismatch(bytes.asSlice(0, bytes.byteSize() - 1)) == -1;
  }

  /** How many sectors from this one on lie one after the other, at most 1 MiB. */
  private int run(int sector, int limit) {
    int last = Math.min(limit, sector + (1 << 20) / SECTOR);
    int end = sector + 1;
    while (end < last
        && (present[sector] == 0
            ? present[end] == 0
            : present[end] == present[sector] + end - sector)) {
      end++;
    }
    return end - sector;
  }

  private MemorySegment bytes(int sector, int count) {
    long length = (long) count * SECTOR;
    return present[sector] == 0
        ? initial.asSlice((long) sector * SECTOR, length)
        : log.bytes().asSlice((long) present[sector] * SECTOR, length);
  }

  @Override
  public String name() {
    return "the cut store";
  }

  @Override
  public long size() {
    return initial.byteSize();
  }

  @Override
  public void read(long offset, MemorySegment target) {
    int first = Math.toIntExact(offset / SECTOR);
    int end = Math.toIntExact((offset + target.byteSize()) / SECTOR);
    for (int sector = first; sector < end; ) {
      int run = run(sector, end);
      target.asSlice((long) (sector - first) * SECTOR).copyFrom(bytes(sector, run));
      sector += run;
    }
  }

  @Override
  public void write(long offset, MemorySegment source) throws ReportException {
    throw new ReportException("the cut store is not written to", "Unchanged.", "Make a disk.");
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
