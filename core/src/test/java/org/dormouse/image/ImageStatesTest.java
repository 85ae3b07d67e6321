package org.dormouse.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.dormouse.memory.PageRange;
import org.dormouse.store.Store;
import org.dormouse.store.StoreContents;
import org.dormouse.text.ReportException;
import org.junit.jupiter.api.Test;

class ImageStatesTest {
  private static final UUID IMAGE = TestMachine.IMAGE;

  @Test
  void anImageIsUsedOnce() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      ImageHeader complete = Image.header(store);
      assertThat(complete.state()).isEqualTo(ImageState.COMPLETE);

      ImageHeader consumed = Image.markConsumed(store, IMAGE);

      assertThat(consumed.state()).isEqualTo(ImageState.CONSUMED);
      assertThat(consumed.body()).isEqualTo(complete.body());
      assertThat(Image.header(store)).isEqualTo(consumed);
      assertRefused(store, Damage.ALREADY_USED);
      assertThatThrownBy(() -> Image.markConsumed(store, IMAGE))
          .isInstanceOf(ImageFormatException.class);
      assertThatThrownBy(() -> Image.countAttempt(store, IMAGE))
          .isInstanceOf(ImageFormatException.class);
      ImageReader.inspect(store).verify(TestMachine.size(1), new ImageProgress());
    }
  }

  @Test
  void changesOnlyTheImageThatIsMeant() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      ImageHeader before = Image.header(store);
      UUID other = new UUID(1, 2);
      assertThatThrownBy(() -> Image.markConsumed(store, other))
          .hasMessageContaining("00000000-0000-0001-0000-000000000002");
      assertThatThrownBy(() -> Image.countAttempt(store, other)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> Image.recordFailure(store, other, "x"))
          .isInstanceOf(IOException.class);
      assertThat(Image.header(store)).isEqualTo(before);
    }
  }

  @Test
  void attemptsRestartsAndReasonsAreKeptAndTheImageStaysGood()
      throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      Image.countAttempt(store, IMAGE);
      assertThat(Image.countAttempt(store, IMAGE).attempts()).isEqualTo(2);
      assertThat(Image.countRestart(store).restarts()).isEqualTo(1);
      assertThat(Image.recordFailure(store, IMAGE, "disk\n\"x\" is missing").reason())
          .isEqualTo("disk \"x\" is missing");
      ImageHeader header = Image.header(store);
      assertThat(header.attempts()).isEqualTo(2);
      assertThat(header.restarts()).isEqualTo(1);
      ImageReader.open(store).verify(TestMachine.size(1), new ImageProgress());
      assertThat(store.log().getLast()).isInstanceOf(MemoryStore.Event.Flush.class);
    }
  }

  @Test
  void aNewImageBeginsToCountAnew() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage();
        TestMachine machine = TestMachine.mixed()) {
      Image.countAttempt(store, IMAGE);
      Image.recordFailure(store, IMAGE, "x");
      ImageHeader claimed = machine.claim(store);
      assertThat(claimed.attempts()).isZero();
      assertThat(claimed.reason()).isEmpty();
      assertThat(claimed.body()).isEmpty();
    }
  }

  @Test
  void aDiscardedImageIsGoneAndItsSaverIsNot() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage();
        TestMachine machine = TestMachine.mixed()) {
      ImageHeader empty = Image.discard(store, "stale: /dev/sda1");
      assertThat(empty).isEqualTo(Image.header(store));
      assertThat(empty.state()).isEqualTo(ImageState.EMPTY);
      assertThat(empty.reason()).isEqualTo("stale: /dev/sda1");
      assertThat(empty.description().flatMap(ImageDescription::wake).orElseThrow().saverFiles())
          .isEqualTo(TestMachine.files());
      assertRefused(store, Damage.NOT_COMPLETE);
      assertThat(store.log().getLast()).isInstanceOf(MemoryStore.Event.Flush.class);

      int before = store.log().size();
      machine.claim(store);
      assertThat(store.log().subList(before, store.log().size()))
          .as("the files are there: only the header is written")
          .hasSize(2);
      TestMachine.files().verify(store);
    }
  }

  @Test
  void aDamagedImageCanBeDiscarded() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      store.flip(20, 1);
      assertThat(Image.discard(store, "damaged").reason()).isEqualTo("damaged");
      assertThat(Image.header(store).state()).isEqualTo(ImageState.EMPTY);
      assertThat(Image.header(store).description()).isEmpty();
    }
  }

  /** Whoever is to wake an image has to find it to say that it is damaged. */
  @Test
  void anImageIsKnownByItsStateAlone() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      store.flip(StateSector.BYTES + 20, 1);
      assertThatThrownBy(() -> Image.header(store)).isInstanceOf(ImageFormatException.class);
      assertThat(Image.names(store, IMAGE)).isTrue();
      assertThat(Image.names(store, new UUID(1, 2))).isFalse();
      store.flip(20, 1);
      assertThatThrownBy(() -> Image.names(store, IMAGE)).isInstanceOf(ImageFormatException.class);
    }
  }

  /** Discarding must not make a damaged description good again. */
  @Test
  void aDamagedDescriptionIsNotVouchedForByADiscard() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      store.flip(700, 1);
      assertThat(Image.discard(store, "damaged").description()).isEmpty();
    }
  }

  @Test
  void aDumpIsReadButNeverWoken() throws IOException, InterruptedException {
    try (TestMachine machine = TestMachine.mixed();
        MemoryStore store = new MemoryStore(8 << 20)) {
      ImageDescription description =
          new ImageDescription(
              Instant.EPOCH, "6.1", "", machine.ramPages(), "core", Optional.empty());
      ImageHeader claimed = Image.claim(store, IMAGE, description);
      try (ImageWriter writer =
          ImageWriter.begin(store, claimed, TestMachine.size(2), new ImageProgress())) {
        writer.save(machine, machine.inUse(), machine.ram());
        assertThat(machine.finish(writer).state()).isEqualTo(ImageState.DUMP);
      }
      ImageReader reader = ImageReader.inspect(store);
      assertThat(reader.description()).isEqualTo(description);
      reader.verify(TestMachine.size(2), new ImageProgress());
      assertRefused(store, Damage.NOT_COMPLETE);
      assertThatThrownBy(reader::wake).isInstanceOf(ImageFormatException.class);
      assertThatThrownBy(() -> Image.retry(store)).isInstanceOf(ImageFormatException.class);
      assertThatThrownBy(() -> Image.countAttempt(store, IMAGE))
          .isInstanceOf(ImageFormatException.class)
          .hasMessageContaining("not to be woken");
      // A description that does not match its checksum is no image, as with one to be woken.
      store.flip(700, 1);
      assertThatThrownBy(() -> ImageReader.inspect(store)).isInstanceOf(ImageFormatException.class);
      assertThat(Image.discard(store, "done").state()).isEqualTo(ImageState.EMPTY);
    }
  }

  @Test
  void anImageOfTheFirstVersionCanBeDiscarded() throws IOException {
    try (MemoryStore store = new MemoryStore(1 << 20)) {
      store.put(0, "DORMOUSE\1\0\0\0\2");
      assertRefused(store, Damage.WRONG_VERSION);
      Image.discard(store, "old");
      assertThat(Image.header(store).state()).isEqualTo(ImageState.EMPTY);
    }
  }

  @Test
  void whatIsNoImageIsNotDiscarded() {
    try (MemoryStore store = new MemoryStore(1 << 20)) {
      store.put(0, "XFSB");
      assertThatThrownBy(() -> Image.discard(store, "")).isInstanceOf(ImageFormatException.class);
      assertThat(store.log()).isEmpty();
    }
  }

  @Test
  void aStoreWithAnImageIsOurs() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      assertThat(StoreContents.probe(store)).isEqualTo(new StoreContents.Dormouse());
      Image.discard(store, "");
      assertThat(StoreContents.probe(store)).isEqualTo(new StoreContents.Dormouse());
    }
  }

  @Test
  void onlyAClaimedStoreIsWritten() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      int before = store.log().size();
      ImageHeader complete = Image.header(store);
      assertThatThrownBy(
              () -> ImageWriter.begin(store, complete, TestMachine.size(1), new ImageProgress()))
          .isInstanceOf(ImageFormatException.class);
      assertThat(store.log()).hasSize(before);
    }
  }

  @Test
  void anUnfinishedImageIsGivenUpWhenClosed() throws IOException, InterruptedException {
    try (MemoryStore store = new MemoryStore(8 << 20);
        TestMachine machine = TestMachine.mixed()) {
      try (ImageWriter writer = begin(store, machine)) {
        assertRefused(store, Damage.NOT_COMPLETE);
        writer.save(machine, machine.inUse());
        assertRefused(store, Damage.NOT_COMPLETE);
      }
      assertThat(Image.header(store).state()).isEqualTo(ImageState.EMPTY);
      assertThat(Image.header(store).reason()).isEqualTo("the save was not finished");
    }
  }

  /** What is done to a store while the power may fail. */
  private interface Act {
    void on(Store store) throws IOException, InterruptedException;
  }

  private static MemoryStore complete;

  @BeforeContainer
  static void makeImage() throws IOException, InterruptedException {
    complete = TestMachine.completeImage();
  }

  @AfterContainer
  static void dropImage() {
    complete.close();
  }

  @Property(tries = 60)
  void powerIsLostWhileASaveFollowsAnOldImage(@ForAll long seed)
      throws IOException, InterruptedException {
    assertOldOrNewOrNone(seed, complete, ImageStatesTest::saveAnother);
  }

  @Property(tries = 30)
  void powerIsLostWhileASaveFollowsAnUsedImage(@ForAll long seed)
      throws IOException, InterruptedException {
    try (MemoryStore used = complete.copy()) {
      Image.markConsumed(used, IMAGE);
      assertOldOrNewOrNone(seed, used, ImageStatesTest::saveAnother);
    }
  }

  /** It is whole until it is gone: another try may still be allowed. */
  @Property(tries = 30)
  void powerIsLostWhileASaveFollowsARefusedImage(@ForAll long seed)
      throws IOException, InterruptedException {
    try (MemoryStore refused = complete.copy()) {
      Image.refuse(refused, IMAGE, "a disk is missing");
      assertOldOrNewOrNone(seed, refused, ImageStatesTest::saveAnother);
    }
  }

  @Property(tries = 30)
  void powerIsLostWhileTheFirstImageIsSaved(@ForAll long seed)
      throws IOException, InterruptedException {
    try (MemoryStore zeros = new MemoryStore(8 << 20)) {
      assertOldOrNewOrNone(seed, zeros, ImageStatesTest::saveAnother);
    }
  }

  @Property(tries = 40)
  void powerIsLostWhileAnotherSaverIsInstalled(@ForAll long seed)
      throws IOException, InterruptedException {
    SaverFiles.Contents large = TestMachine.contents("another kernel ", 3 << 20);
    SaverFiles.Contents initramfs = TestMachine.initramfs();
    try (MemoryStore after =
        afterPowerLoss(
            seed,
            complete,
            store -> SaverFiles.install(store, large, initramfs, TestMachine.present(store)))) {
      ImageHeader header = Image.header(after);
      if (header.state() == ImageState.COMPLETE) {
        ImageReader.open(after).verify(TestMachine.size(1), new ImageProgress());
      }
      if (header.description().isPresent()) {
        header
            .description()
            .flatMap(ImageDescription::wake)
            .orElseThrow()
            .saverFiles()
            .verify(after);
      }
    }
  }

  @Test
  void theNextBootIsToldToGoOnUntilTheStateChanges() throws Exception {
    try (MemoryStore store = TestMachine.completeImage()) {
      Image.countAttempt(store, IMAGE);
      assertThat(Image.takeBackAttempt(store, IMAGE).attempts()).isZero();
      assertThat(Image.takeBackAttempt(store, IMAGE).attempts()).isZero();
      Image.bootOnce(store, IMAGE, "nobody knew the passphrase");
      assertThat(firstSector(store))
          .contains("state=COMPLETE\n", "reason=nobody knew the passphrase\nboot=on\n");
      Image.refuse(store, IMAGE, "a disk is missing");
      Image.retry(store);
      assertThat(firstSector(store)).contains("state=COMPLETE\n").doesNotContain("boot=");
    }
  }

  private static String firstSector(MemoryStore store) {
    return new String(Arrays.copyOf(store.contents(), StateSector.BYTES), StandardCharsets.UTF_8);
  }

  @Property(tries = 60)
  void powerIsLostWhileTheStateChanges(@ForAll long seed) throws IOException, InterruptedException {
    List<Act> acts =
        List.of(
            store -> Image.countAttempt(store, IMAGE),
            store -> Image.recordFailure(store, IMAGE, "it failed"),
            store -> Image.countRestart(store),
            store -> Image.bootOnce(store, IMAGE, "nobody knew the passphrase"),
            store -> Image.refuse(store, IMAGE, "a disk is missing"),
            store -> Image.markConsumed(store, IMAGE),
            store -> Image.discard(store, "not wanted"));
    for (Act act : acts) {
      ImageHeader before = Image.header(complete);
      ImageHeader done;
      try (MemoryStore copy = complete.copy()) {
        act.on(copy);
        done = Image.header(copy);
      }
      assertThat(done).isNotEqualTo(before);
      try (MemoryStore after = afterPowerLoss(seed, complete, act)) {
        assertThat(Image.header(after)).isIn(before, done);
        ImageHeader header = Image.header(after);
        if (header.state() == ImageState.COMPLETE) {
          ImageReader.open(after).verify(TestMachine.size(1), new ImageProgress());
        }
      }
    }
  }

  private static void saveAnother(Store store) throws IOException, InterruptedException {
    try (TestMachine machine =
            new TestMachine(
                List.of(new PageRange(300, 1200)),
                99,
                TestMachine.Fill.TEXT,
                TestMachine.Fill.ZERO,
                TestMachine.Fill.RANDOM);
        ImageWriter writer = begin(store, machine)) {
      writer.save(machine, machine.inUse());
      writer.finish(0x5000, 0, "another");
    }
  }

  private static MemoryStore afterPowerLoss(long seed, MemoryStore before, Act act)
      throws IOException, InterruptedException {
    Random random = new Random(seed);
    List<MemoryStore.Event> events;
    try (MemoryStore copy = before.copy()) {
      act.on(copy);
      events = copy.log();
    }
    return before.afterPowerLoss(events, random.nextInt(events.size() + 1), random);
  }

  private static void assertOldOrNewOrNone(long seed, MemoryStore before, Act act)
      throws IOException, InterruptedException {
    try (MemoryStore after = afterPowerLoss(seed, before, act)) {
      if (!(StoreContents.probe(after) instanceof StoreContents.Dormouse)) {
        assertThat(StoreContents.probe(before)).isInstanceOf(StoreContents.Empty.class);
        // Or the next sleep would take it for somebody else's.
        assertThat(StoreContents.probe(after)).isInstanceOf(StoreContents.Empty.class);
        return;
      }
      ImageHeader header = Image.header(after);
      switch (header.state()) {
        case EMPTY, WRITING -> {}
        case COMPLETE, REFUSED -> {
          ImageReader reader = ImageReader.inspect(after);
          reader.verify(TestMachine.size(1), new ImageProgress());
          reader.wake().saverFiles().verify(after);
          assertThat(reader.details()).isIn("another", TestMachine.DETAILS);
        }
        case DUMP -> throw new AssertionError("a hibernation became a dump");
        // What it describes is of no more use, and may be torn.
        case CONSUMED -> assertThat(Image.header(before).state()).isEqualTo(ImageState.CONSUMED);
      }
      if (header.description().isPresent()) {
        header
            .description()
            .flatMap(ImageDescription::wake)
            .orElseThrow()
            .saverFiles()
            .verify(after);
      }
    }
  }

  @Test
  void aStoreThatFailsEndsTheSave() throws IOException, InterruptedException {
    try (MemoryStore store = new MemoryStore(64 << 20);
        TestMachine machine = TestMachine.incompressible()) {
      machine.claim(store);
      ImageHeader claimed = Image.header(store);
      store.failAfterWrites(2);
      ReportException failure =
          catchThrowableOfType(
              ReportException.class,
              () -> {
                try (ImageWriter writer =
                    ImageWriter.begin(store, claimed, TestMachine.size(2), new ImageProgress())) {
                  writer.save(machine, machine.inUse());
                  machine.finish(writer);
                }
              });
      assertThat(failure).hasMessageContaining("cannot write");
      assertThat(failure.getSuppressed()).hasSize(1);
      assertThat(machine.openLeases()).isZero();
      assertRefused(store, Damage.NOT_COMPLETE);
    }
  }

  @Test
  void aStoreThatIsTooSmallIsRefusedBeforeItsEnd() throws IOException, InterruptedException {
    try (MemoryStore store = new MemoryStore(9 << 20);
        TestMachine machine = TestMachine.incompressible()) {
      ReportException failure =
          catchThrowableOfType(
              ReportException.class, () -> machine.hibernate(store, TestMachine.size(2)));
      assertThat(failure)
          .hasMessageContaining("/dev/memory is too small")
          .hasMessageContaining("9437184 bytes");
      assertThat(failure.report().remedy())
          .contains(
              Long.toString(ImageWriter.worstCaseBytes(TestMachine.files(), machine.ramPages())));
      assertThat(Image.header(store).state()).isEqualTo(ImageState.EMPTY);
    }
  }

  @Test
  void aStoreThatIsTooSmallForTheSaverIsNotTouched() {
    try (MemoryStore store = new MemoryStore(2 << 20);
        TestMachine machine = TestMachine.mixed()) {
      assertThatThrownBy(() -> machine.claim(store)).hasMessageContaining("too small");
      assertThat(store.log()).isEmpty();
    }
  }

  @Test
  void theWorstCaseIsEnoughAndNotFarOff() throws IOException, InterruptedException {
    try (TestMachine machine = TestMachine.incompressible();
        MemoryStore store =
            new MemoryStore(ImageWriter.worstCaseBytes(TestMachine.files(), machine.ramPages()))) {
      ImageHeader header = machine.hibernate(store, TestMachine.size(2));
      assertThat(header.body().orElseThrow().lastIndexSegment().end())
          .isGreaterThan(machine.ramPages() * 4096)
          .isGreaterThan(store.size() - (1 << 20));
    }
  }

  @Test
  void buffersAreBoundedAndUsedAgain() throws IOException, InterruptedException {
    PipelineSize size = TestMachine.size(2);
    assertThat(size.bytes()).isLessThanOrEqualTo(20L << 20);
    try (TestMachine machine = TestMachine.incompressible();
        MemoryStore store = new MemoryStore(64 << 20)) {
      ImageHeader claimed = machine.claim(store);
      store.forgetLog();
      try (ImageWriter writer = ImageWriter.begin(store, claimed, size, new ImageProgress())) {
        writer.save(machine, machine.inUse());
        machine.finish(writer);
      }
      int headerIndexAndDetails = 3;
      assertThat(store.log().size()).isGreaterThan(size.buffers() + headerIndexAndDetails + 2);
      assertThat(store.buffersSeen()).isLessThanOrEqualTo(size.buffers() + headerIndexAndDetails);
    }
  }

  private static ImageWriter begin(Store store, TestMachine machine) throws IOException {
    return ImageWriter.begin(store, machine.claim(store), TestMachine.size(2), new ImageProgress());
  }

  private static void assertRefused(MemoryStore store, Damage damage) {
    assertThat(
            catchThrowableOfType(
                    ImageFormatException.class,
                    () -> ImageReader.open(store).verify(TestMachine.size(1), new ImageProgress()))
                .damage())
        .isEqualTo(damage);
  }
}
