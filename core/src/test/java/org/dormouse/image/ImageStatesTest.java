package org.dormouse.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.dormouse.memory.PageRange;
import org.dormouse.store.StoreContents;
import org.dormouse.store.StoreException;
import org.junit.jupiter.api.Test;

class ImageStatesTest {
  @Test
  void anImageIsUsedOnce() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      ImageHeader complete = Image.header(store);
      assertThat(complete.state()).isEqualTo(ImageState.COMPLETE);

      Image.markConsumed(store, complete.origin().image());

      assertThat(Image.header(store)).isEqualTo(complete.consumed());
      assertRefused(store, Damage.ALREADY_USED);
      assertThatThrownBy(() -> Image.markConsumed(store, complete.origin().image()))
          .isInstanceOf(ImageFormatException.class);
      try (ImageReader reader = ImageReader.inspect(store)) {
        reader.verify(PipelineSize.of(1), new ImageProgress());
      }
    }
  }

  @Test
  void marksOnlyTheImageThatIsMeant() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      assertThatThrownBy(() -> Image.markConsumed(store, new UUID(1, 2)))
          .hasMessageContaining("00000000-0000-0001-0000-000000000002");
      assertThat(Image.header(store).state()).isEqualTo(ImageState.COMPLETE);
    }
  }

  @Test
  void aDiscardedImageIsGone() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      Image.discard(store);
      assertThat(Image.header(store)).isEqualTo(ImageHeader.empty());
      assertRefused(store, Damage.NOT_COMPLETE);
      assertThat(store.log().getLast()).isInstanceOf(MemoryStore.Event.Flush.class);
    }
  }

  @Test
  void aDamagedImageCanBeDiscarded() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      store.flip(20, 1);
      Image.discard(store);
      assertThat(Image.header(store).state()).isEqualTo(ImageState.EMPTY);
    }
  }

  @Test
  void whatIsNoImageIsNotDiscarded() {
    try (MemoryStore store = new MemoryStore(1 << 20)) {
      store.put(0, "XFSB");
      assertThatThrownBy(() -> Image.discard(store)).isInstanceOf(ImageFormatException.class);
      assertThat(store.log()).isEmpty();
    }
  }

  @Test
  void aStoreWithAnImageIsOurs() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      assertThat(StoreContents.probe(store)).isEqualTo(new StoreContents.Dormouse());
      Image.discard(store);
      assertThat(StoreContents.probe(store)).isEqualTo(new StoreContents.Dormouse());
    }
  }

  @Test
  void theOldImageIsGoneBeforeTheFirstByteOfTheNewOne() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage();
        TestMachine machine = TestMachine.mixed()) {
      int before = store.log().size();
      try (ImageWriter writer = begin(store, machine)) {
        assertThat(store.log().subList(before, store.log().size()))
            .satisfiesExactly(
                write -> assertThat(write).isInstanceOf(MemoryStore.Event.Write.class),
                flush -> assertThat(flush).isInstanceOf(MemoryStore.Event.Flush.class));
        assertThat(Image.header(store).state()).isEqualTo(ImageState.WRITING);
        assertRefused(store, Damage.NOT_COMPLETE);
        machine.saveAll(writer, 512);
        assertRefused(store, Damage.NOT_COMPLETE);
      }
    }
  }

  @Test
  void anUnfinishedImageIsGivenUpWhenClosed() throws IOException, InterruptedException {
    try (MemoryStore store = new MemoryStore(8 << 20);
        TestMachine machine = TestMachine.mixed()) {
      try (ImageWriter writer = begin(store, machine)) {
        machine.saveAll(writer, 512);
      }
      assertThat(Image.header(store).state()).isEqualTo(ImageState.EMPTY);
    }
  }

  /** Any prefix of the writes may have happened, and any of those since the last flush not. */
  @Property(tries = 40)
  void aLossOfPowerLeavesAWholeImageOrNone(@ForAll long seed)
      throws IOException, InterruptedException {
    List<MemoryStore.Event> log;
    try (MemoryStore store = TestMachine.completeImage()) {
      log = store.log();
    }
    Random random = new Random(seed);
    int cut = random.nextInt(log.size() + 1);
    int lastFlush = log.subList(0, cut).lastIndexOf(new MemoryStore.Event.Flush());
    try (MemoryStore after = new MemoryStore(8 << 20)) {
      for (int i = 0; i < cut; i++) {
        if (i < lastFlush || random.nextBoolean()) {
          after.replay(log.get(i));
        }
      }
      if (StoreContents.probe(after) instanceof StoreContents.Dormouse
          && Image.header(after).state() == ImageState.COMPLETE) {
        try (ImageReader reader = ImageReader.open(after)) {
          reader.verify(PipelineSize.of(1), new ImageProgress());
        }
        assertThat(cut).isGreaterThanOrEqualTo(log.size() - 1);
      } else {
        assertThat(cut).isLessThan(log.size());
      }
    }
  }

  @Test
  void aStoreThatFailsEndsTheSave() throws IOException, InterruptedException {
    try (MemoryStore store = new MemoryStore(64 << 20);
        TestMachine machine = big()) {
      store.failAfterWrites(2);
      StoreException failure =
          catchThrowableOfType(
              StoreException.class, () -> machine.hibernate(store, PipelineSize.of(2), 1024));
      assertThat(failure).hasMessageContaining("cannot write");
      assertThat(failure.getSuppressed()).hasSize(1);
      assertRefused(store, Damage.NOT_COMPLETE);
    }
  }

  @Test
  void aStoreThatIsTooSmallIsRefusedBeforeItsEnd() throws IOException, InterruptedException {
    try (MemoryStore store = new MemoryStore(7 << 20);
        TestMachine machine = big()) {
      StoreException failure =
          catchThrowableOfType(
              StoreException.class, () -> machine.hibernate(store, PipelineSize.of(2), 1024));
      assertThat(failure)
          .hasMessageContaining("/dev/memory is too small")
          .hasMessageContaining("7340032 bytes");
      assertThat(Image.header(store).state()).isEqualTo(ImageState.EMPTY);
    }
  }

  @Test
  void theWorstCaseIsEnoughAndNotFarOff() throws IOException, InterruptedException {
    try (TestMachine machine = big();
        MemoryStore store = new MemoryStore(ImageWriter.worstCaseBytes(machine.ramPages()))) {
      ImageHeader header = machine.hibernate(store, PipelineSize.of(2), 1024);
      assertThat(header.body().imageBytes())
          .isGreaterThan(machine.ramPages() * 4096)
          .isGreaterThan(store.size() - (512 << 10));
    }
  }

  @Test
  void buffersAreBoundedAndUsedAgain() throws IOException, InterruptedException {
    PipelineSize size = PipelineSize.of(2);
    assertThat(size.bytes()).isLessThanOrEqualTo(16L << 20);
    try (TestMachine machine = big();
        MemoryStore store = new MemoryStore(64 << 20)) {
      machine.hibernate(store, size, 1024);
      int headersAndIndex = 3;
      assertThat(store.log().size()).isGreaterThan(size.buffers() + 5);
      assertThat(store.buffersSeen()).isLessThanOrEqualTo(size.buffers() + headersAndIndex);
    }
  }

  /** 24 MiB that do not compress. */
  private static TestMachine big() {
    return new TestMachine(List.of(new PageRange(100, 6244)), 3, TestMachine.Fill.RANDOM);
  }

  private static ImageWriter begin(MemoryStore store, TestMachine machine)
      throws StoreException, InterruptedException {
    return ImageWriter.begin(
        store, machine.origin(), TestMachine.WAY_BACK, PipelineSize.of(2), new ImageProgress());
  }

  private static void assertRefused(MemoryStore store, Damage damage) {
    assertThat(
            catchThrowableOfType(ImageFormatException.class, () -> ImageReader.open(store).close())
                .damage())
        .isEqualTo(damage);
  }
}
