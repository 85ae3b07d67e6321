package org.dormouse.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.dormouse.store.StoreMap.Content;
import org.dormouse.text.ReportException;
import org.junit.jupiter.api.Test;

class ExtentStoreTest {
  private static final byte FOREIGN = 0x55;

  /** A device in memory, full of what belongs to others. */
  private static final class Device implements Store {
    private final MemorySegment bytes;
    private int closed;

    Device(Arena arena, long size) {
      bytes = arena.allocate(size, ALIGNMENT).fill(FOREIGN);
    }

    @Override
    public String name() {
      return "/dev/sda1";
    }

    @Override
    public long size() {
      return bytes.byteSize();
    }

    @Override
    public void read(long offset, MemorySegment target) {
      target.copyFrom(bytes.asSlice(offset, target.byteSize()));
    }

    @Override
    public void write(long offset, MemorySegment source) {
      bytes.asSlice(offset, source.byteSize()).copyFrom(source);
    }

    @Override
    public void flush() {
      // It is memory.
    }

    @Override
    public void close() {
      closed++;
    }
  }

  @Property(tries = 60)
  void itHasTheBytesOfItsPiecesInOrderAndTouchesNoOthers(
      @ForAll @IntRange(min = 1, max = 20) int pieces, @ForAll long seed) throws Exception {
    StoreMap map = StoreMapTest.map(pieces, seed);
    Random random = new Random(seed);
    try (Arena arena = Arena.ofConfined()) {
      Device device = new Device(arena, map.deviceBytes());
      try (ExtentStore store = ExtentStore.made(device, map)) {
        assertThat(store.size()).isEqualTo(map.storeBytes());
        MemorySegment model = arena.allocate(store.size(), Store.ALIGNMENT);
        store.read(0, model);
        for (int i = 0; i < 20; i++) {
          long from = 4096L * random.nextLong(store.size() / 4096);
          long length = 4096L * random.nextLong((store.size() - from) / 4096 + 1);
          MemorySegment written = arena.allocate(length, Store.ALIGNMENT).fill((byte) i);
          store.write(from, written);
          model.asSlice(from, length).copyFrom(written);
        }
        MemorySegment read = arena.allocate(store.size(), Store.ALIGNMENT);
        store.read(0, read);
        assertThat(read.mismatch(model)).isEqualTo(-1);
        assertThat(expected(arena, map, model).mismatch(device.bytes)).isEqualTo(-1);
      }
      try (ExtentStore again = ExtentStore.of(device, map.storeOffset())) {
        assertThat(again.map()).isEqualTo(map);
      }
      assertThat(device.closed).isEqualTo(2);
    }
  }

  /** The device as it has to be, block by block. */
  private static MemorySegment expected(Arena arena, StoreMap map, MemorySegment store) {
    MemorySegment device = arena.allocate(map.deviceBytes(), Store.ALIGNMENT).fill(FOREIGN);
    long at = -StoreMap.ROOM_BYTES;
    byte[] text = map.text().getBytes(StandardCharsets.UTF_8);
    for (Extent extent : map.extents()) {
      for (long block = 0; block < extent.length(); block += 4096, at += 4096) {
        MemorySegment place = device.asSlice(extent.offset() + block, 4096);
        if (at >= 0) {
          place.copyFrom(store.asSlice(at, 4096));
        } else {
          place.fill((byte) 0);
        }
      }
    }
    MemorySegment.copy(
        text, 0, device, ValueLayout.JAVA_BYTE, map.extents().getFirst().offset(), text.length);
    return device;
  }

  private static final StoreMap MAP =
      new StoreMap("/store", 8 << 20, Content.ANY, List.of(new Extent(1 << 20, 2 << 20)));

  @Test
  void whatIsNotWhereItSaysIsNoStoreAndTheDeviceIsClosed() throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      Device device = new Device(arena, MAP.deviceBytes());
      refused(device, MAP.storeOffset(), "there is no map");
      ExtentStore.made(device, MAP).close();
      for (long offset : new long[] {0, -4096, 512, 2L << 40, Long.MAX_VALUE}) {
        refused(device, offset, "no place");
      }
      // The whole map was copied elsewhere, or to a larger disk.
      device.write(4 << 20, device.bytes.asSlice(1 << 20, 1 << 20));
      refused(device, 5 << 20, "its map says that it is at 2097152");
      Device larger = new Device(arena, MAP.deviceBytes() + 4096);
      larger.write(0, device.bytes);
      refused(larger, MAP.storeOffset(), "of a device of 8388608 bytes");
      assertThat(larger.closed).isEqualTo(1);
      ExtentStore.of(device, MAP.storeOffset()).erase();
      refused(device, MAP.storeOffset(), "there is no map");
    }
  }

  private static void refused(Device device, long offset, String why) {
    assertThatThrownBy(() -> ExtentStore.of(device, offset))
        .isInstanceOf(ReportException.class)
        .hasMessageContaining(why);
  }

  @Test
  void itEndsWhereItEnds() throws Exception {
    try (Arena arena = Arena.ofConfined();
        ExtentStore store = ExtentStore.made(new Device(arena, MAP.deviceBytes()), MAP)) {
      MemorySegment block = arena.allocate(8192, Store.ALIGNMENT);
      store.write(store.size() - 8192, block);
      assertThatThrownBy(() -> store.write(store.size() - 4096, block))
          .isInstanceOf(ReportException.class);
      assertThatThrownBy(() -> store.read(1L << 60, block)).isInstanceOf(ReportException.class);
      assertThatThrownBy(() -> store.read(-4096, block))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
