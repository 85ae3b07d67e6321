package org.dormouse.stores;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.dormouse.store.StoreLocation;
import org.dormouse.stores.NextBoot.Known;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NextBootTest {
  private static final StoreLocation IN_PIECES =
      StoreLocation.parse("PARTUUID=6f3d1c52-02@1052672");
  private static final StoreLocation DEVICE = StoreLocation.parse("PARTUUID=6f3d1c52-03");
  private static final Optional<String> SAME = Optional.of("/dev/sda2@1052672");
  private static final Optional<String> OTHER = Optional.of("PARTUUID=6f3d1c52-02@10526720");
  private static final Optional<String> EACH = Optional.of("each device");
  private static final Optional<String> NOTHING = Optional.empty();

  private static Optional<String> missed(
      StoreLocation store, Optional<String> word, Optional<String> note) {
    Known.Notes notes = note.isPresent() ? Known.Notes.SOME : Known.Notes.NONE;
    return NextBoot.missed(store, new Known("6.1.0", word, notes, note, Optional.empty()));
  }

  @Test
  void aBootThatNobodyToldBootsPastAnImage() {
    for (StoreLocation store : new StoreLocation[] {IN_PIECES, DEVICE}) {
      assertThat(missed(store, NOTHING, NOTHING))
          .hasValue("nothing shows that the next boot looks for an image");
    }
  }

  @Test
  void theInitramfsOrTheCommandLineTells() {
    assertThat(missed(IN_PIECES, NOTHING, SAME)).isEmpty();
    assertThat(missed(IN_PIECES, SAME, NOTHING)).isEmpty();
    assertThat(missed(IN_PIECES, NOTHING, OTHER))
        .hasValue("the next boot would look at " + OTHER.get());
    assertThat(missed(IN_PIECES, NOTHING, EACH))
        .hasValue("the next boot would look at each device");
  }

  @Test
  void theCommandLineComesFirst() {
    assertThat(missed(IN_PIECES, SAME, OTHER)).isEmpty();
    assertThat(missed(IN_PIECES, OTHER, SAME)).isPresent();
    assertThat(missed(IN_PIECES, Optional.of("/dev/sda2"), SAME))
        .hasValue("the next boot would look at /dev/sda2");
  }

  @Test
  void theBeginningOfEachDeviceIsLookedAtAnyway() {
    assertThat(missed(DEVICE, NOTHING, EACH)).isEmpty();
    assertThat(missed(DEVICE, NOTHING, OTHER)).isEmpty();
    assertThat(missed(DEVICE, Optional.of("/dev/sda3"), NOTHING)).isEmpty();
  }

  @Test
  void otherKernelsInitramfsSayNothingOfThatOfTheOneThatRuns() {
    Known known = new Known("6.1.0", SAME, Known.Notes.SOME, NOTHING, Optional.empty());
    assertThat(NextBoot.missed(IN_PIECES, known)).get().asString().contains("6.1.0", "without");
    assertThat(NextBoot.missed(DEVICE, known)).isPresent();
  }

  @Test
  void anInitramfsThatIsOlderThanTheNoteWasNotFinished(@TempDir Path root) throws Exception {
    Path note = Files.writeString(root.resolve("note"), "each device\n");
    Instant told = Instant.parse("2026-01-01T12:00:00Z");
    Files.setLastModifiedTime(note, FileTime.from(told));
    Path inBoot = file(root, "boot/initrd.img-6.1.0", told.plusSeconds(30));
    Path dracuts = file(root, "boot/initramfs-6.1.0.img", told.plusSeconds(30));
    file(root, "boot/initrd.img-6.1.1", told.minusSeconds(3600));
    Path copied = file(root, "boot/efi/debian/6.1.0/initrd.img-6.1.0", told);
    List<Path> all = NextBoot.initramfsOf("6.1.0", root);
    assertThat(all).containsExactlyInAnyOrder(inBoot, dracuts, copied);
    assertThat(NextBoot.olderThan(note, all)).isEmpty();
    Files.setLastModifiedTime(copied, FileTime.from(told.minusSeconds(1)));
    assertThat(NextBoot.olderThan(note, all)).hasValue(copied);
    Known known = new Known("6.1.0", NOTHING, Known.Notes.SOME, EACH, Optional.of(copied));
    assertThat(NextBoot.missed(DEVICE, known)).get().asString().contains("not finished");
  }

  private static Path file(Path root, String name, Instant written) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, name);
    return Files.setLastModifiedTime(file, FileTime.from(written));
  }
}
