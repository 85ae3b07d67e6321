package org.dormouse.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Headers whose checksums are right and that make no sense all the same; the fuzzer found them. */
class ForgedHeaderTest {
  /** Once it was made COMPLETE, written, and only then refused: the next boot took it away. */
  @Test
  void aRefusedImageWhoseDescriptionIsDamagedIsNotRetried()
      throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      Image.refuse(store, TestMachine.IMAGE, "no disk");
      store.flip(StateSector.BYTES + 10, 0);
      assertRefusedAndUntouched(store, () -> Image.retry(store));
    }
  }

  @Test
  void aRestartIsNotCountedInAnImageWhoseDescriptionIsDamaged()
      throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      store.flip(StateSector.BYTES + 10, 0);
      assertRefusedAndUntouched(store, () -> Image.countRestart(store));
    }
  }

  /** Once its first line was looked for up to a line feed that was not there. */
  @Test
  void aFirstSectorWithoutALineFeedIsOfAnotherVersion() {
    ImageFormatException refusal =
        catchThrowableOfType(
            ImageFormatException.class, () -> StateSector.decode(sector("DORMOUSE".repeat(62))));
    assertThat(refusal.damage()).isEqualTo(Damage.WRONG_VERSION);
  }

  /** A console obeys some control characters. */
  @Test
  void anotherVersionIsToldWithoutControlCharacters() {
    assertThat(
            catchThrowableOfType(
                ImageFormatException.class,
                () -> StateSector.decode(sector("DORMOUSE \u001b[2J9\n"))))
        .hasMessageContaining("[2J9")
        .hasMessageNotContaining("\u001b");
  }

  /** Once the next attempt could not be counted, for a reason that did not fit into its sector. */
  @Test
  void aReasonThatIsLongerThanAReasonIsDamage() {
    String lines =
        """
        DORMOUSE 3
        state=COMPLETE
        image=00112233-4455-6677-8899-aabbccddeeff
        attempts=0
        restarts=0
        description=0000000000000000
        reason=\
        """;
    assertThat(
            catchThrowableOfType(
                    ImageFormatException.class,
                    () -> StateSector.decode(sector(lines + "a".repeat(161) + "\n")))
                .damage())
        .isEqualTo(Damage.HEADER_DAMAGED);
  }

  /** Once nobody expected what was thrown, if there was no description besides. */
  @Test
  void aNegativeCountIsDamage() {
    String lines =
        """
        DORMOUSE 3
        state=EMPTY
        image=00112233-4455-6677-8899-aabbccddeeff
        attempts=-1
        restarts=0
        description=0000000000000000
        reason=
        """;
    assertThat(
            catchThrowableOfType(
                    ImageFormatException.class, () -> StateSector.decode(sector(lines)))
                .damage())
        .isEqualTo(Damage.HEADER_DAMAGED);
  }

  private static byte[] sector(String text) {
    byte[] sector = Arrays.copyOf(text.getBytes(ISO_8859_1), StateSector.BYTES);
    HeaderForge.vouchForState(sector);
    return sector;
  }

  private static void assertRefusedAndUntouched(MemoryStore store, ThrowingCallable move) {
    store.forgetLog();
    assertThat(catchThrowableOfType(ImageFormatException.class, move).damage())
        .isEqualTo(Damage.HEADER_DAMAGED);
    assertThat(store.log()).isEmpty();
  }
}
