package org.dormouse.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.lang.foreign.Arena;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.dormouse.text.ReportException;
import org.junit.jupiter.api.Test;

class ImageDamageTest {
  @Test
  void everyFlippedBitOfTheHeaderIsSeen() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      for (int at = 0; at < HeaderBlock.BYTES; at++) {
        for (int bit = 0; bit < 8; bit++) {
          store.flip(at, bit);
          assertThat(headerDamageOf(store))
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
      StoredBytes index = Image.header(store).body().orElseThrow().lastIndexSegment();
      assertThat(index.length()).isPositive();
      for (long at = 0; at < index.length(); at++) {
        for (int bit = 0; bit < 8; bit += 3) {
          store.flip(index.offset() + at, bit);
          assertThat(damageOf(store))
              .as("byte %d, bit %d", at, bit)
              .isEqualTo(Damage.INDEX_DAMAGED);
          store.flip(index.offset() + at, bit);
        }
      }
    }
  }

  @Test
  void everyFlippedByteOfTheDetailsIsSeen() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      long length = Image.header(store).body().orElseThrow().details().length();
      assertThat(length).isPositive();
      for (long at = 0; at < length; at++) {
        store.flip(4096 + at, 2);
        assertThat(damageOf(store)).isEqualTo(Damage.DETAILS_DAMAGED);
        store.flip(4096 + at, 2);
      }
    }
  }

  @Test
  void aChangedSaverIsSeen() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      SaverFiles files = ImageReader.open(store).wake().saverFiles();
      for (StoredFile file : new StoredFile[] {files.kernel(), files.initramfs()}) {
        long last = file.offset() + file.length() - 1;
        store.flip(last, 0);
        assertThat(
                catchThrowableOfType(ImageFormatException.class, () -> files.verify(store))
                    .damage())
            .isEqualTo(Damage.SAVER_DAMAGED);
        store.flip(last, 0);
      }
      files.verify(store);
    }
  }

  @Property(tries = 150)
  void aFlippedBitOfAChunkIsSeenAndNamed(
      @ForAll @LongRange(min = 0, max = Long.MAX_VALUE) long seed)
      throws IOException, InterruptedException {
    MemoryStore store = shared();
    try (Arena arena = Arena.ofShared();
        TestMachine machine = TestMachine.mixed();
        TestMachine restored = machine.nonsense()) {
      ImageReader reader = ImageReader.open(store);
      IndexReader index =
          new IndexReader(
              arena,
              store,
              reader.body(),
              reader.description().dataOffset(),
              new IndexGuard.None());
      assertThat(index.advance()).isTrue();
      int entry = IndexReader.at((int) (seed % index.count()));
      long[] table = index.table();
      if (IndexEntry.codec(table, entry) == IndexEntry.ZERO) {
        return;
      }
      long at = IndexEntry.offset(table, entry) + seed / 1000 % IndexEntry.length(table, entry);
      int bit = (int) (seed % 8);
      store.flip(at, bit);
      try {
        ImageFormatException onRestore =
            catchThrowableOfType(
                ImageFormatException.class,
                () ->
                    reader
                        .plan(machine.ram())
                        .restore(restored, TestMachine.size(2), new ImageProgress()));
        assertThat(onRestore.damage()).isEqualTo(Damage.CHUNK_DAMAGED);
        assertThat(onRestore)
            .hasMessageContaining("bytes " + IndexEntry.offset(table, entry) + " to ");
        assertThat(restored.openLeases()).isZero();
        assertThatThrownBy(() -> reader.verify(TestMachine.size(1), new ImageProgress()))
            .isInstanceOf(ImageFormatException.class);
      } finally {
        store.flip(at, bit);
      }
    }
  }

  @Property(tries = 50)
  void aTruncatedStoreIsSeen(@ForAll @LongRange(min = 1, max = 600) long blocksShort)
      throws IOException {
    long whole = Image.header(shared()).body().orElseThrow().lastIndexSegment().blocksEnd();
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
  void aStoreThatFailsIsNoDamage() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      ImageReader reader = ImageReader.open(store);
      store.failAfterReads(2);
      assertThatThrownBy(() -> reader.verify(TestMachine.size(2), new ImageProgress()))
          .isInstanceOf(ReportException.class)
          .isNotInstanceOf(ImageFormatException.class)
          .hasMessageContaining("cannot read");
    }
  }

  @Test
  void everyDamageSaysWhatToDo() {
    for (Damage damage : Damage.values()) {
      ImageFormatException e = new ImageFormatException(damage, "here");
      assertThat(e.report().happened()).isEqualTo(damage.text() + ": here");
      assertThat(e.report().remedy()).endsWith(".");
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

  private static Damage headerDamageOf(MemoryStore store) {
    return catchThrowableOfType(ImageFormatException.class, () -> Image.header(store)).damage();
  }

  private static Damage damageOf(MemoryStore store) {
    return catchThrowableOfType(
            ImageFormatException.class,
            () -> ImageReader.open(store).verify(TestMachine.size(1), new ImageProgress()))
        .damage();
  }
}
