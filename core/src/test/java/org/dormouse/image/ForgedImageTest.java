package org.dormouse.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import org.dormouse.store.Store;
import org.junit.jupiter.api.Test;

/** Images whose checksums are all right and that make no sense all the same. */
class ForgedImageTest {
  @Test
  void aCodecThatDoesNotExist() throws IOException, InterruptedException {
    assertIndexDamaged(index -> index.set(ValueLayout.JAVA_INT, 52, 7));
  }

  @Test
  void aWindowThatIsNoWindow() throws IOException, InterruptedException {
    assertIndexDamaged(index -> putWord(index, 0, 255));
    assertIndexDamaged(index -> putWord(index, 0, 1L << 40));
    assertIndexDamaged(index -> putWord(index, 0, -256));
  }

  @Test
  void aChunkWithoutPages() throws IOException, InterruptedException {
    assertIndexDamaged(index -> index.asSlice(8, 32).fill((byte) 0));
  }

  @Test
  void aChunkOutsideTheData() throws IOException, InterruptedException {
    assertIndexDamaged(index -> putWord(index, 40, 0));
    assertIndexDamaged(index -> putWord(index, 40, 1L << 50));
    assertIndexDamaged(index -> putWord(index, 40, -4096));
  }

  @Test
  void twoChunksThatOverlap() throws IOException, InterruptedException {
    assertIndexDamaged(index -> putWord(index, 64 + 40, word(index, 40)));
  }

  @Test
  void fewerPagesThanTheHeaderSays() throws IOException, InterruptedException {
    assertIndexDamaged(index -> putWord(index, 8, word(index, 8) & (word(index, 8) - 1)));
  }

  @Test
  void aPageInTwoChunks() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      forge(
          store,
          index -> {
            int second = 64;
            while (samePages(index, second) < 0) {
              second += 64;
            }
            putWord(index, second, word(index, samePages(index, second)));
          });
      try (ImageReader reader = ImageReader.open(store);
          Arena arena = Arena.ofConfined()) {
        assertThat(
                catchThrowableOfType(
                        ImageFormatException.class, () -> reader.pages(arena, reader.limit()))
                    .damage())
            .isEqualTo(Damage.INDEX_DAMAGED);
      }
    }
  }

  @Test
  void aChunkThatIsNotLz4() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage();
        Arena arena = Arena.ofShared()) {
      ChunkIndex chunks = ChunkIndex.read(arena, store, Image.header(store).body());
      long chunk = 0;
      while (chunks.codec(chunk) != Codec.LZ4) {
        chunk++;
      }
      long at = chunk * IndexEntry.BYTES;
      int length = chunks.length(chunk);
      MemorySegment nonsense = arena.allocate(length).fill((byte) 0xff);
      for (int i = 0; i < length; i++) {
        store.poke(chunks.offset(chunk) + i, (byte) 0xff);
      }
      forge(store, index -> putWord(index, at + 56, Codec.checksum(nonsense)));
      try (ImageReader reader = ImageReader.open(store)) {
        ImageFormatException damage =
            catchThrowableOfType(
                ImageFormatException.class,
                () ->
                    reader.restore(
                        new ScatteredSink(arena, 4096), PipelineSize.of(1), new ImageProgress()));
        assertThat(damage.damage()).isEqualTo(Damage.CHUNK_DAMAGED);
        assertThat(damage).hasMessageContaining("do not unpack");
      }
    }
  }

  private static void assertIndexDamaged(Consumer<MemorySegment> change)
      throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      forge(store, change);
      assertThat(
              catchThrowableOfType(
                      ImageFormatException.class, () -> ImageReader.open(store).close())
                  .damage())
          .isEqualTo(Damage.INDEX_DAMAGED);
    }
  }

  /** Changes the index, and sets the checksums of index and header right again. */
  private static void forge(Store store, Consumer<MemorySegment> change) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      ImageHeader header = Image.header(store);
      ImageBody body = header.body();
      MemorySegment index = arena.allocate(4096, 4096);
      store.read(body.indexOffset(), index);
      MemorySegment entries = index.asSlice(0, body.indexLength());
      change.accept(entries);
      store.write(body.indexOffset(), index);
      Image.put(
          store,
          header.completed(
              new ImageBody(
                  body.savedPages(),
                  body.chunkCount(),
                  body.dataLength(),
                  body.indexOffset(),
                  body.indexLength(),
                  Codec.checksum(entries))));
    }
  }

  /** An entry before {@code second} that has a page in common with it if moved there, or -1. */
  private static int samePages(MemorySegment index, int second) {
    for (int first = 0; first < second; first += 64) {
      for (int word = 8; word < 40; word += 8) {
        if ((word(index, first + word) & word(index, second + word)) != 0) {
          return first;
        }
      }
    }
    return -1;
  }

  private static long word(MemorySegment index, long at) {
    return index.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
  }

  private static void putWord(MemorySegment index, long at, long value) {
    index.set(ValueLayout.JAVA_LONG_UNALIGNED, at, value);
  }
}
