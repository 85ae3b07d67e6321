package org.dormouse.stores;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class NextBootTest {
  private static final String PLACE = "PARTUUID=6f3d1c52-02@1052672";
  private static final Optional<String> SAME = Optional.of("/dev/sda2@1052672");
  private static final Optional<String> OTHER = Optional.of(PLACE + "0");
  private static final Optional<String> DEVICE = Optional.of("/dev/sda2");

  private static Optional<String> missed(Optional<String> word, Optional<String> note) {
    return NextBoot.missed(PLACE, word, note);
  }

  @Test
  void aBootThatNobodyToldBootsPastAnImage() {
    assertThat(missed(Optional.empty(), Optional.empty()))
        .hasValue("nothing tells the next boot to look there");
  }

  @Test
  void theInitramfsOrTheCommandLineTells() {
    assertThat(missed(Optional.empty(), SAME)).isEmpty();
    assertThat(missed(SAME, Optional.empty())).isEmpty();
    assertThat(missed(Optional.empty(), OTHER))
        .hasValue("the next boot would look at " + OTHER.get());
  }

  @Test
  void theCommandLineComesFirst() {
    assertThat(missed(SAME, OTHER)).isEmpty();
    assertThat(missed(OTHER, SAME)).isPresent();
    assertThat(missed(DEVICE, SAME)).hasValue("the next boot would look at /dev/sda2");
  }
}
