package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Random;
import java.util.TreeSet;
import org.dormouse.lab.CutStore.Unflushed;
import org.dormouse.lab.guest.GuestRoot;
import org.dormouse.lab.qemu.Disk;
import org.dormouse.store.Store;
import org.dormouse.text.ReportException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CutStoreTest {
  private static final int SECTORS = Store.ALIGNMENT / WriteLog.SECTOR_BYTES;

  @TempDir Path folder;
  private LoggedDisk logged;
  private Path initial;

  @BeforeEach
  void makeDisk() throws IOException {
    initial = folder.resolve("initial.img");
    GuestRoot.writeEmptyDisk(initial, 1 << 20);
    Path disk = folder.resolve("disk.img");
    GuestRoot.writeEmptyDisk(disk, 1 << 20);
    logged = LoggedDisk.of(new Disk(disk, "disk"));
    try (LoggingStore store = LoggingStore.of(logged)) {
      write(store, 'a');
      store.flush();
      write(store, 'b');
    }
    // As QEMU does at the next power-on, it goes on.
    try (LoggingStore store = LoggingStore.of(logged)) {
      write(store, 'c');
      store.flush();
    }
  }

  @Test
  void whatWasFlushedIsThereAndTheRestAnyWay() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      WriteLog log = WriteLog.read(arena, logged.log());
      assertThat(log.entries()).hasSize(5);
      CutStore store = CutStore.of(arena, initial, log);
      assertThat(after(store, 1, Unflushed.LOST)).isEqualTo("\0".repeat(SECTORS));
      assertThat(after(store, 1, Unflushed.KEPT)).isEqualTo("a".repeat(SECTORS));
      assertThat(after(store, 2, Unflushed.LOST)).isEqualTo("a".repeat(SECTORS));
      assertThat(after(store, 4, Unflushed.LOST)).isEqualTo("a".repeat(SECTORS));
      assertThat(after(store, 4, Unflushed.KEPT)).isEqualTo("c".repeat(SECTORS));
      assertThat(after(store, 5, Unflushed.LOST)).isEqualTo("c".repeat(SECTORS));
    }
  }

  @Test
  void sectorsAreTornAndWritesReordered() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      CutStore store = CutStore.of(arena, initial, WriteLog.read(arena, logged.log()));
      TreeSet<Character> seen = new TreeSet<>();
      TreeSet<Long> kinds = new TreeSet<>();
      TreeSet<Character> first = new TreeSet<>();
      Random random = new Random(1);
      for (int i = 0; i < 100; i++) {
        store.cut(4, Unflushed.TORN, random);
        String sectors = read(store);
        sectors.chars().forEach(sector -> seen.add((char) sector));
        kinds.add(sectors.chars().distinct().count());
        first.add(sectors.charAt(0));
      }
      assertThat(seen).containsExactly('a', 'b', 'c');
      assertThat(first).containsExactly('a', 'b', 'c');
      assertThat(kinds).containsExactly(1L, 2L, 3L);
    }
  }

  @Test
  void aDiskIsMadeOfIt() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      CutStore store = CutStore.of(arena, initial, WriteLog.read(arena, logged.log()));
      after(store, 5, Unflushed.LOST);
      Path made = folder.resolve("made.img");
      store.writeTo(made);
      assertThat(made).hasSameBinaryContentAs(logged.disk().file());
    }
  }

  @Test
  void somethingElseIsNoLog() {
    byte[] bytes = new byte[WriteLog.SECTOR_BYTES];
    assertThatThrownBy(() -> WriteLog.parse(MemorySegment.ofArray(bytes)))
        .isInstanceOf(IOException.class);
  }

  private static void write(Store store, char letter) throws ReportException {
    try (Arena arena = Arena.ofConfined()) {
      store.write(8192, arena.allocate(Store.ALIGNMENT, Store.ALIGNMENT).fill((byte) letter));
    }
  }

  private static String after(CutStore store, int happened, Unflushed what) {
    store.cut(happened, what, new Random(1));
    return read(store);
  }

  /** A letter for each sector that was written to. */
  private static String read(CutStore store) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocate(Store.ALIGNMENT, Store.ALIGNMENT);
      store.read(8192, block);
      StringBuilder letters = new StringBuilder();
      for (int sector = 0; sector < SECTORS; sector++) {
        MemorySegment bytes =
            block.asSlice((long) sector * WriteLog.SECTOR_BYTES, WriteLog.SECTOR_BYTES);
        assertThat(bytes.asSlice(1).mismatch(bytes.asSlice(0, WriteLog.SECTOR_BYTES - 1)))
            .isEqualTo(-1);
        letters.append((char) bytes.get(ValueLayout.JAVA_BYTE, 0));
      }
      return letters.toString();
    }
  }
}
