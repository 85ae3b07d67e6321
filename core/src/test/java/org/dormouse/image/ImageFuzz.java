package org.dormouse.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.dormouse.codec.Codec;
import org.dormouse.fuzz.Bounds;
import org.dormouse.image.Corpus.Sample;
import org.dormouse.image.ImageForge.Part;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole images in which anything may be wrong although the checksums are right: looked at, verified
 * and restored.
 */
class ImageFuzz {
  private static final PipelineSize SMALL =
      new PipelineSize(1, 2, 2 << 20, PipelineSize.Compression.ALWAYS, new Codec.OfLz4(1));

  private static final List<Sample> SAMPLES = Corpus.samples();
  private static final RestoreTarget MACHINE =
      new RestoreTarget(Arena.global(), Corpus.RAM, Corpus.FORBIDDEN);
  private static final RestoreTarget WIDE_MACHINE =
      new RestoreTarget(Arena.global(), Corpus.WIDE_RAM, Corpus.FORBIDDEN);

  static Stream<Arguments> recipes() {
    List<byte[]> recipes = new ArrayList<>();
    for (int sample = 0; sample < SAMPLES.size(); sample++) {
      recipes.add(new byte[] {(byte) sample});
    }
    for (Part part : Part.values()) {
      for (int how = 0; how < 10; how++) {
        recipes.add(ImageForge.recipe(how % 6, 0, part, how | how << 4, 7 * how, 4096L * how));
        recipes.add(ImageForge.recipe(how % 6, 1 << how % 6, part, how, 9 + how, -how));
      }
    }
    return recipes.stream().map(Arguments::of);
  }

  @MethodSource("recipes")
  @FuzzTest
  void whateverIsWrongWithAnImageIsSaidAndHarmsNothing(byte[] recipe) throws InterruptedException {
    if (recipe.length == 0) {
      return;
    }
    Sample sample = ImageForge.sample(SAMPLES, recipe);
    RestoreTarget machine = sample.ram() == Corpus.RAM ? MACHINE : WIDE_MACHINE;
    ChangedStore store = ImageForge.forge(sample, recipe);
    Bounds.hold(() -> inspect(store));
    Optional<IOException> unsound = Bounds.hold(() -> verify(store));
    Optional<IOException> refusal = Bounds.hold(() -> restore(store, machine));
    if (refusal.isEmpty() && machine == MACHINE) {
      Bounds.hold(() -> assertSamePages(store));
    }
    if (machine.leasedPages() == 0) {
      assertThat(machine.changedPages()).isZero();
    } else {
      // Restoring looks at all that verifying looks at, but for the details.
      assertThat(refusal.map(ImageFuzz::damage))
          .isEqualTo(
              unsound.map(ImageFuzz::damage).filter(damage -> damage != Damage.DETAILS_DAMAGED));
    }
  }

  private static void inspect(ChangedStore store) throws IOException, InterruptedException {
    ImageHeader header = Image.header(store);
    Bounds.checkLine(header.reason() + ".");
    assertThat(Image.names(store, header.image())).isTrue();
    ImageReader reader = ImageReader.inspect(store);
    Optional<WakeDescription> wake = reader.description().wake();
    if (wake.isPresent()) {
      wake.get().saverFiles().verify(store);
    }
    if (header.state() != ImageState.COMPLETE) {
      reader.verify(SMALL, new ImageProgress());
    }
  }

  private static void verify(ChangedStore store) throws IOException, InterruptedException {
    ImageReader.open(store).verify(SMALL, new ImageProgress());
  }

  private static void restore(ChangedStore store, RestoreTarget machine)
      throws IOException, InterruptedException {
    machine.reset();
    ImageReader reader = ImageReader.open(store);
    assertMayBeWoken(store);
    ImageReader.Plan plan = reader.plan(machine.permitted());
    assertThat(machine.leasedPages()).isZero();
    plan.restore(machine, SMALL, new ImageProgress());
    ImageBody body = reader.body();
    assertThat(machine.changedPages()).isLessThanOrEqualTo(body.savedPages() + body.zeroPages());
  }

  /** Whoever reads pages in another order sees what was restored. */
  private static void assertSamePages(ChangedStore store) throws IOException {
    try (Arena arena = Arena.ofConfined();
        ImagePages pages = ImageReader.open(store).pages()) {
      MemorySegment page = arena.allocate(Pages.SIZE, Pages.SIZE);
      PageSet permitted = MACHINE.permitted();
      for (long pfn = permitted.next(0); pfn < permitted.limit(); pfn = permitted.next(pfn + 1)) {
        if (pages.saved().contains(pfn) || pages.zero().contains(pfn)) {
          pages.read(new PageRange(pfn, pfn + 1), page);
          assertThat(page.mismatch(MACHINE.page(pfn))).isEqualTo(-1);
        }
      }
    }
  }

  private static Damage damage(IOException e) {
    return switch (e) {
      case ImageFormatException damaged -> damaged.damage();
      default -> throw new AssertionError("the store did not fail", e);
    };
  }

  private static void assertMayBeWoken(ChangedStore store) {
    byte[] block = store.bytes(0, HeaderBlock.BYTES);
    assertThat(HeaderForge.isVouchedFor(block)).isTrue();
    assertThat(new String(block, 0, StateSector.CHECKED_BYTES, ISO_8859_1))
        .startsWith("DORMOUSE " + ImageHeader.VERSION + "\n")
        .contains("\nstate=COMPLETE\n");
  }
}
