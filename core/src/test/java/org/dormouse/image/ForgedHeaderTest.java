package org.dormouse.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Headers that make no sense; the fuzzer found them. */
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

  private static void assertRefusedAndUntouched(MemoryStore store, ThrowingCallable move) {
    store.forgetLog();
    assertThat(catchThrowableOfType(ImageFormatException.class, move).damage())
        .isEqualTo(Damage.HEADER_DAMAGED);
    assertThat(store.log()).isEmpty();
  }
}
