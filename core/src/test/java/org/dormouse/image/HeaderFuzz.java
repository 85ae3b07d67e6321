package org.dormouse.image;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.dormouse.fuzz.Bounds;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.store.Store;
import org.dormouse.text.ReportException;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a store begins with, as it is, and with right checksums: read, opened, and moved from state
 * to state.
 */
class HeaderFuzz {
  /** The header, and details of some length. */
  private static final int SEED_BYTES = 2 * HeaderBlock.BYTES;

  private static final long STORE_BYTES = 8 << 20;
  private static final UUID NONE = new UUID(0, 0);

  /** A change of what a store says. */
  private interface Move {
    ImageHeader of(Store store, UUID image) throws ReportException;
  }

  /** Those that are only for the image that is meant. */
  private static final List<Move> OF_AN_IMAGE =
      List.of(
          Image::countAttempt,
          Image::takeBackAttempt,
          (store, image) -> Image.bootOnce(store, image, "nobody"),
          (store, image) -> Image.recordFailure(store, image, "no"),
          (store, image) -> Image.refuse(store, image, "no"),
          Image::markConsumed);

  private static final List<Move> OF_ANY =
      List.of(
          (store, image) -> Image.countRestart(store),
          (store, image) -> Image.retry(store),
          (store, image) -> Image.discard(store, "no"));

  static Stream<Arguments> stores() {
    return Stream.concat(
            Corpus.samples().stream().map(sample -> sample.store().bytes(0, SEED_BYTES)),
            Stream.of("DORMOUSE".repeat(SEED_BYTES / 8).getBytes(US_ASCII)))
        .map(Arguments::of);
  }

  @MethodSource("stores")
  @FuzzTest
  void whateverAStoreBeginsWithIsAnswered(byte[] bytes) throws InterruptedException {
    Bounds.hold(() -> read(new ChangedStore(bytes, size(bytes))));
    byte[] vouched = Arrays.copyOf(bytes, Math.max(bytes.length, HeaderBlock.BYTES));
    HeaderForge.vouchForState(vouched);
    look(vouched);
    HeaderForge.vouchForDescription(vouched);
    HeaderForge.vouchForState(vouched);
    look(vouched);
  }

  private static void look(byte[] bytes) throws InterruptedException {
    Bounds.hold(() -> read(new ChangedStore(bytes, size(bytes))));
    // One of each at a time, another one for other bytes: the more inputs in the same time.
    int which = Arrays.hashCode(bytes);
    Move ofAnImage = OF_AN_IMAGE.get(Math.floorMod(which, OF_AN_IMAGE.size()));
    assertRefused(bytes, ofAnImage);
    move(bytes, ofAnImage);
    move(bytes, OF_ANY.get(Math.floorMod(which, OF_ANY.size())));
  }

  private static long size(byte[] bytes) {
    return bytes.length < HeaderBlock.BYTES ? bytes.length : STORE_BYTES;
  }

  private static void read(ChangedStore store) throws IOException {
    ImageHeader header = Image.header(store);
    Bounds.checkLine(header.reason() + ".");
    assertThat(Image.names(store, header.image())).isTrue();
    ImageReader inspected = ImageReader.inspect(store);
    inspected.details();
    Optional<ImageState> state = Optional.empty();
    try (Arena arena = Arena.ofConfined()) {
      ImageReader reader = ImageReader.open(store);
      state = Optional.of(header.state());
      reader.plan(PageSet.of(arena, 1024, List.of(new PageRange(100, 1000))));
    } finally {
      assertThat(state).isIn(Optional.empty(), Optional.of(ImageState.COMPLETE));
    }
  }

  /** An image that is not the one that is meant stays what it is. */
  private static void assertRefused(byte[] bytes, Move move) throws InterruptedException {
    ChangedStore store = writable(bytes);
    UUID image = image(store);
    UUID other = new UUID(image.getMostSignificantBits() + 1, image.getLeastSignificantBits());
    assertThat(Bounds.hold(() -> move.of(store, other))).isPresent();
    assertThat(store.writes()).isZero();
  }

  /** Done or not done, never half. */
  private static void move(byte[] bytes, Move move) throws InterruptedException {
    List<ChangedStore> stores = new ArrayList<>();
    List<ImageHeader> headers = new ArrayList<>();
    Optional<IOException> refusal =
        Bounds.hold(
            () -> {
              stores.add(writable(bytes));
              headers.add(move.of(stores.getLast(), image(stores.getLast())));
            });
    assertThat(refusal.isPresent()).isEqualTo(stores.getLast().writes() == 0);
    if (refusal.isEmpty()) {
      Bounds.hold(() -> assertThat(Image.header(stores.getLast())).isEqualTo(headers.getLast()));
    }
  }

  private static ChangedStore writable(byte[] bytes) {
    ChangedStore store = new ChangedStore(bytes, size(bytes));
    store.allowHeader();
    return store;
  }

  private static UUID image(ChangedStore store) {
    try {
      return Image.header(store).image();
    } catch (ReportException e) {
      return NONE;
    }
  }
}
