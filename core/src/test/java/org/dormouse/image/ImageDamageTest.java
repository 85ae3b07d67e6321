package org.dormouse.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.dormouse.store.StoreException;
import org.junit.jupiter.api.Test;

class ImageDamageTest {
  @Test
  void everyFlippedBitOfTheHeaderIsSeen() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      for (int at = 0; at < ImageHeader.BYTES; at++) {
        for (int bit = 0; bit < 8; bit++) {
          store.flip(at, bit);
          assertThat(damageOf(store))
              .as("byte %d, bit %d", at, bit)
              .isEqualTo(at < 8 ? Damage.NOT_AN_IMAGE : Damage.HEADER_DAMAGED);
          store.flip(at, bit);
        }
      }
      assertThat(Image.header(store).state()).isEqualTo(ImageState.COMPLETE);
    }
  }

  @Test
  void everyFlippedBitOfTheIndexIsSeen() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      ImageBody body = Image.header(store).body();
      assertThat(body.indexLength()).isPositive();
      for (long at = 0; at < body.indexLength(); at++) {
        for (int bit = 0; bit < 8; bit++) {
          store.flip(body.indexOffset() + at, bit);
          assertThat(damageOf(store))
              .as("byte %d, bit %d", at, bit)
              .isEqualTo(Damage.INDEX_DAMAGED);
          store.flip(body.indexOffset() + at, bit);
        }
      }
    }
  }

  @Property(tries = 150)
  void aFlippedBitOfAChunkIsSeenAndNamed(
      @ForAll @LongRange(min = 0, max = Long.MAX_VALUE) long seed)
      throws IOException, InterruptedException {
    MemoryStore store = shared();
    try (Arena arena = Arena.ofShared()) {
      ChunkIndex index = ChunkIndex.read(arena, store, Image.header(store).body());
      long chunk = seed % index.count();
      long at = index.offset(chunk) + seed / 1000 % index.length(chunk);
      int bit = (int) (seed % 8);
      store.flip(at, bit);
      try (ImageReader reader = ImageReader.open(store)) {
        ImageFormatException onRestore =
            catchThrowableOfType(
                ImageFormatException.class,
                () ->
                    reader.restore(
                        new ScatteredSink(arena, 50), PipelineSize.of(2), new ImageProgress()));
        assertThat(onRestore.damage()).isEqualTo(Damage.CHUNK_DAMAGED);
        assertThat(onRestore)
            .hasMessageContaining("chunk " + chunk + " of " + index.count())
            .hasMessageContaining("bytes " + index.offset(chunk) + " to ");
        assertThatThrownBy(() -> reader.verify(PipelineSize.of(1), new ImageProgress()))
            .isInstanceOf(ImageFormatException.class);
      } finally {
        store.flip(at, bit);
      }
    }
  }

  @Property(tries = 50)
  void aTruncatedStoreIsSeen(@ForAll @LongRange(min = 1, max = 600) long blocksShort)
      throws IOException {
    ImageBody body = Image.header(shared()).body();
    long whole = ChunkIndex.storedEnd(body);
    try (MemoryStore cut = shared().truncated(Math.max(4096, whole - blocksShort * 4096))) {
      assertThat(damageOf(cut)).isEqualTo(Damage.TRUNCATED);
    }
  }

  @Test
  void aStoreWithoutAnImageSaysSo() {
    try (MemoryStore zeros = new MemoryStore(1 << 20);
        MemoryStore tiny = new MemoryStore(512)) {
      assertThat(damageOf(zeros)).isEqualTo(Damage.NOT_AN_IMAGE);
      assertThat(damageOf(tiny)).isEqualTo(Damage.NOT_AN_IMAGE);
    }
  }

  @Test
  void anImageOfALaterVersionSaysSo() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage();
        Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocate(ImageHeader.BLOCK_BYTES, 4096);
      store.read(0, block);
      ValueLayout.OfLong layout = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
      block.set(ValueLayout.JAVA_INT, 8, 2);
      block.set(layout, 504, Codec.checksum(block.asSlice(0, 504)));
      store.write(0, block);
      assertThat(damageOf(store)).isEqualTo(Damage.WRONG_VERSION);
    }
  }

  @Test
  void aStoreThatFailsIsNoDamage() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage();
        ImageReader reader = ImageReader.open(store)) {
      store.failAfterReads(0);
      assertThatThrownBy(() -> reader.verify(PipelineSize.of(2), new ImageProgress()))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("cannot read");
    }
  }

  private static MemoryStore shared;

  @BeforeContainer
  static void makeImage() throws IOException, InterruptedException {
    shared = TestMachine.completeImage();
  }

  @AfterContainer
  static void dropImage() {
    shared.close();
  }

  private static MemoryStore shared() {
    return shared;
  }

  private static Damage damageOf(MemoryStore store) {
    return catchThrowableOfType(
            ImageFormatException.class,
            () -> {
              try (ImageReader reader = ImageReader.open(store)) {
                reader.verify(PipelineSize.of(1), new ImageProgress());
              }
            })
        .damage();
  }
}
