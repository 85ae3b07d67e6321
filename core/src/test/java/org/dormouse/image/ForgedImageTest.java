package org.dormouse.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import org.dormouse.codec.Xxh64;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.text.KeyValues;
import org.junit.jupiter.api.Test;

/** Images whose checksums are all right and that make no sense all the same. */
class ForgedImageTest {
  /** The first entry of the segment. */
  private static final long ENTRY = 64;

  @Test
  void theForgeryItselfIsNotWhatIsSeen() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      forge(store, segment -> {});
      ImageReader.open(store).verify(TestMachine.size(1), new ImageProgress());
    }
  }

  @Test
  void aCodecThatDoesNotExist() throws IOException, InterruptedException {
    assertIndexDamaged(segment -> segment.set(ValueLayout.JAVA_INT, ENTRY + 52, 7));
    assertIndexDamaged(segment -> segment.set(ValueLayout.JAVA_INT, ENTRY + 52, -1));
  }

  @Test
  void aWindowThatIsNoWindow() throws IOException, InterruptedException {
    assertIndexDamaged(segment -> putWord(segment, ENTRY, 255));
    assertIndexDamaged(segment -> putWord(segment, ENTRY, 1L << 40));
    assertIndexDamaged(segment -> putWord(segment, ENTRY, -256));
  }

  @Test
  void aChunkWithoutPages() throws IOException, InterruptedException {
    assertIndexDamaged(segment -> segment.asSlice(ENTRY + 8, 32).fill((byte) 0));
  }

  @Test
  void aChunkOutsideTheData() throws IOException, InterruptedException {
    assertIndexDamaged(segment -> putWord(segment, stored(segment, 0) + 40, 0));
    assertIndexDamaged(segment -> putWord(segment, stored(segment, 0) + 40, 1L << 50));
    assertIndexDamaged(segment -> putWord(segment, stored(segment, 0) + 40, -4096));
    assertIndexDamaged(segment -> putWord(segment, stored(segment, 0) + 40, Long.MAX_VALUE - 1));
    assertIndexDamaged(
        segment -> putWord(segment, stored(segment, 0) + 40, word(segment, ENTRY + 40) - 64));
  }

  @Test
  void twoChunksThatOverlap() throws IOException, InterruptedException {
    assertIndexDamaged(
        segment ->
            putWord(segment, stored(segment, 1) + 40, word(segment, stored(segment, 0) + 40)));
  }

  @Test
  void aChunkOfZerosWithBytes() throws IOException, InterruptedException {
    assertIndexDamaged(segment -> segment.set(ValueLayout.JAVA_INT, zero(segment) + 48, 64));
    assertIndexDamaged(segment -> putWord(segment, zero(segment) + 40, 4096));
    assertIndexDamaged(segment -> putWord(segment, zero(segment) + 56, 1));
  }

  @Test
  void fewerPagesThanTheHeaderSays() throws IOException, InterruptedException {
    assertIndexDamaged(
        segment -> {
          long at = zero(segment) + 8;
          while (Long.bitCount(word(segment, at)) == 0) {
            at += 8;
          }
          putWord(segment, at, word(segment, at) & (word(segment, at) - 1));
        });
  }

  @Test
  void aSegmentThatLeadsToItselfOrAhead() throws IOException, InterruptedException {
    assertIndexDamaged(
        segment -> {
          putWord(segment, 0, 1L << 40);
          putWord(segment, 8, 128);
        });
    assertIndexDamaged(segment -> putWord(segment, 8, 1 << 20));
    assertIndexDamaged(segment -> putWord(segment, 0, 4096));
    assertIndexDamaged(segment -> putWord(segment, 16, 1));
    assertIndexDamaged(segment -> putWord(segment, 56, 1));
    assertIndexDamaged(
        segment -> {
          putWord(segment, 0, -4096);
          putWord(segment, 8, Long.MAX_VALUE);
        });
  }

  /** Were a length believed before its checksum, this would ask for more memory than there is. */
  @Test
  void anIndexThatIsLargerThanASegmentCanBeIsNotAskedFor() {
    for (long length : new long[] {(1 << 20) + 64, 1L << 39, -64, 64, 100}) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  new ImageBody(
                      1,
                      0,
                      0,
                      1,
                      new StoredBytes(1L << 30, length, 0),
                      Math.max(length, 0),
                      new StoredBytes(4096, 0, 0)));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new ImageBody(
                    0, 0, 0, 0, StoredBytes.none(), 0, new StoredBytes(4096, 1 << 20, 0)));
  }

  @Test
  void aHeaderWithOtherFiguresIsRefused() throws IOException, InterruptedException {
    for (String line :
        new String[] {
          "pages_saved=1",
          "pages_zero=999999",
          "chunks=1",
          "chunks=4",
          "index=4096 128 " + "0".repeat(16)
        }) {
      try (MemoryStore store = TestMachine.completeImage()) {
        ImageHeader header = Image.header(store);
        int equals = line.indexOf('=');
        put(
            store,
            header,
            header
                .description()
                .orElseThrow()
                .lines()
                .withAll(header.body().orElseThrow().lines())
                .with(line.substring(0, equals), line.substring(equals + 1)));
        assertThat(
                catchThrowableOfType(
                        ImageFormatException.class,
                        () ->
                            ImageReader.open(store)
                                .verify(TestMachine.size(1), new ImageProgress()))
                    .damage())
            .as(line)
            .isIn(Damage.INDEX_DAMAGED, Damage.HEADER_DAMAGED);
      }
    }
  }

  @Test
  void aPageInTwoChunks() throws IOException, InterruptedException {
    assertRestoreRefused(
        segment -> {
          long second = stored(segment, 1);
          long first = ENTRY;
          while (!samePages(segment, first, second)) {
            first += 64;
          }
          putWord(segment, second, word(segment, first));
        });
  }

  @Test
  void aPageThatIsNotPermitted() throws IOException, InterruptedException {
    assertRestoreRefused(segment -> putWord(segment, ENTRY, 1L << 30));
    assertRestoreRefused(segment -> putWord(segment, ENTRY, 0x200000));
  }

  /** Also if the caller permits it: B itself runs there. */
  @Test
  void aPageOfTheSaverIsRefused() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage();
        TestMachine machine = TestMachine.mixed();
        TestMachine restored = machine.nonsense()) {
      ImageHeader header = Image.header(store);
      put(
          store,
          header,
          header
              .description()
              .orElseThrow()
              .lines()
              .withAll(header.body().orElseThrow().lines())
              .with("region", "0x20000 0x300000"));
      assertUntouched(store, machine.ram(), restored);
    }
  }

  @Test
  void aChunkThatIsNotLz4() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage();
        TestMachine machine = TestMachine.mixed();
        TestMachine restored = machine.nonsense()) {
      forge(
          store,
          segment -> {
            long at = ENTRY;
            while (segment.get(ValueLayout.JAVA_INT, at + 52) != IndexEntry.LZ4) {
              at += 64;
            }
            int length = segment.get(ValueLayout.JAVA_INT, at + 48);
            try (Arena arena = Arena.ofConfined()) {
              for (int i = 0; i < length; i++) {
                store.poke(word(segment, at + 40) + i, (byte) 0xff);
              }
              putWord(segment, at + 56, Xxh64.of(arena.allocate(length).fill((byte) 0xff)));
            }
          });
      ImageFormatException damage =
          catchThrowableOfType(
              ImageFormatException.class,
              () ->
                  ImageReader.open(store)
                      .plan(machine.ram())
                      .restore(restored, TestMachine.size(1), new ImageProgress()));
      assertThat(damage.damage()).isEqualTo(Damage.CHUNK_DAMAGED);
      assertThat(damage).hasMessageContaining("do not decompress");
    }
  }

  private static void assertIndexDamaged(Consumer<MemorySegment> change)
      throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      forge(store, change);
      assertThat(
              catchThrowableOfType(
                      ImageFormatException.class,
                      () ->
                          ImageReader.open(store).verify(TestMachine.size(1), new ImageProgress()))
                  .damage())
          .isEqualTo(Damage.INDEX_DAMAGED);
    }
  }

  private static void assertRestoreRefused(Consumer<MemorySegment> change)
      throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage();
        TestMachine machine = TestMachine.mixed();
        TestMachine restored = machine.nonsense()) {
      forge(store, change);
      assertUntouched(store, machine.ram(), restored);
    }
  }

  /** Refused before the first frame was written. */
  private static void assertUntouched(MemoryStore store, PageSet permitted, TestMachine restored)
      throws IOException {
    ImageReader reader = ImageReader.open(store);
    assertThat(
            catchThrowableOfType(
                    ImageFormatException.class,
                    () ->
                        reader
                            .plan(permitted)
                            .restore(restored, TestMachine.size(2), new ImageProgress()))
                .damage())
        .isEqualTo(Damage.INDEX_DAMAGED);
    for (long pfn = permitted.next(0); pfn < permitted.limit(); pfn = permitted.next(pfn + 1)) {
      assertThat(restored.page(pfn).get(ValueLayout.JAVA_LONG, 0)).isEqualTo(0x5a5a5a5a5a5a5a5aL);
    }
  }

  /** Changes the index's segment, and sets its checksum and those of the header right again. */
  private static void forge(MemoryStore store, Consumer<MemorySegment> change) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      ImageHeader header = Image.header(store);
      ImageBody body = header.body().orElseThrow();
      StoredBytes index = body.lastIndexSegment();
      MemorySegment blocks = arena.allocate(Pages.alignUp(index.length(), Pages.SIZE), Pages.SIZE);
      store.read(index.offset(), blocks);
      MemorySegment segment = blocks.asSlice(0, index.length());
      change.accept(segment);
      store.write(index.offset(), blocks);
      ImageBody forged =
          new ImageBody(
              body.savedPages(),
              body.zeroPages(),
              body.freePages(),
              body.chunkCount(),
              new StoredBytes(index.offset(), index.length(), Xxh64.of(segment)),
              body.imageBytes(),
              body.details());
      put(store, header, header.description().orElseThrow().lines().withAll(forged.lines()));
    }
  }

  private static void put(MemoryStore store, ImageHeader header, KeyValues lines)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      HeaderBlock block = HeaderBlock.blank(arena);
      block.put(StateSector.of(header), lines);
      block.writeDurably(store);
    }
  }

  /** The entry of the chunk with stored bytes that has {@code number} others before it. */
  private static long stored(MemorySegment segment, int number) {
    long at = ENTRY;
    for (int left = number; ; at += 64) {
      if (segment.get(ValueLayout.JAVA_INT, at + 52) != IndexEntry.ZERO && left-- == 0) {
        return at;
      }
    }
  }

  /** The entry of the first chunk of zeros. */
  private static long zero(MemorySegment segment) {
    long at = ENTRY;
    while (segment.get(ValueLayout.JAVA_INT, at + 52) != IndexEntry.ZERO) {
      at += 64;
    }
    return at;
  }

  private static boolean samePages(MemorySegment segment, long first, long second) {
    if (first == second) {
      return false;
    }
    for (int word = 8; word < 40; word += 8) {
      if ((word(segment, first + word) & word(segment, second + word)) != 0) {
        return true;
      }
    }
    return false;
  }

  private static long word(MemorySegment segment, long at) {
    return segment.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
  }

  private static void putWord(MemorySegment segment, long at, long value) {
    segment.set(ValueLayout.JAVA_LONG_UNALIGNED, at, value);
  }
}
