package org.dormouse.stores;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.dormouse.store.StoreLocation;
import org.dormouse.stores.NextBoot.Known;
import org.junit.jupiter.api.Test;

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
    return NextBoot.missed(store, new Known("6.1.0", word, notes, note));
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
    Known known = new Known("6.1.0", SAME, Known.Notes.SOME, NOTHING);
    assertThat(NextBoot.missed(IN_PIECES, known)).get().asString().contains("6.1.0", "without");
    assertThat(NextBoot.missed(DEVICE, known)).isPresent();
  }
}
