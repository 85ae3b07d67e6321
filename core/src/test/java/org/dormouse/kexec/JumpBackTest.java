package org.dormouse.kexec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import org.dormouse.boot.PagingMode;
import org.dormouse.kexec.JumpBack.StatusWord;
import org.dormouse.linux.Kexec.Context;
import org.dormouse.memory.PageRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JumpBackTest {
  private static final PageRange ROOM = new PageRange(0x1fff, 0x2100);
  private static final long ENTRY = 0x1_2345_6079L;

  @ParameterizedTest
  @EnumSource
  void eachWayHasItsContextAndItsManner(PagingMode mode) throws KexecPlanException {
    JumpBack back = new JumpBack(ENTRY, mode);
    KexecImage forGood = back.forGood(ROOM);
    KexecImage withReentry = back.withReentry(ROOM);
    KexecImage onCrash =
        back.onCrash(
            ROOM, 3, Optional.of(new StatusWord(0x7_0000_0008L, 42, 0x7_0000_0100L)), 0x1000);
    assertThat(forGood.context()).isEqualTo(Context.PLAIN);
    assertThat(withReentry.context()).isEqualTo(Context.PRESERVE_CONTEXT);
    assertThat(onCrash.context()).isEqualTo(Context.ON_CRASH);
    assertThat(word(forGood, 40)).as("manner").isZero();
    assertThat(word(withReentry, 40)).as("manner").isEqualTo(1);
    assertThat(word(forGood, 48)).as("who comes next").isZero();
    assertThat(word(withReentry, 48)).as("who comes next: the stub itself").isZero();
    assertThat(word(forGood, 56)).isEqualTo(ENTRY);
    assertThat(word(onCrash, 40)).as("processor").isEqualTo(3);
    assertThat(word(onCrash, 48)).as("address of the word").isEqualTo(0x7_0000_0008L);
    assertThat(word(onCrash, 56)).as("the word").isEqualTo(42);
    assertThat(word(onCrash, 64)).as("who comes next").isEqualTo(0x1000);
    assertThat(word(onCrash, 72)).isEqualTo(ENTRY);
    assertThat(word(onCrash, 80)).as("the log").isEqualTo((ROOM.end() - 8) * 4096);
    assertThat(word(onCrash, 88)).as("pages of it").isEqualTo(8);
    assertThat(word(onCrash, 96)).as("frames for it").isEqualTo(0x7_0000_0100L);
    assertThat(onCrash.segments().getFirst().destination().end())
        .as("what is loaded ends before the log")
        .isLessThanOrEqualTo(ROOM.end() - 8);
  }

  @Test
  void whereNobodyTakesTheLogNothingIsCopied() throws KexecPlanException {
    JumpBack back = new JumpBack(ENTRY, PagingMode.FOUR_LEVEL);
    for (Optional<StatusWord> notice :
        List.of(Optional.<StatusWord>empty(), Optional.of(new StatusWord(0x7_0000_0008L, 42, 0)))) {
      KexecImage onCrash = back.onCrash(ROOM, 3, notice, 0);
      assertThat(word(onCrash, 88)).isZero();
      assertThat(word(onCrash, 96)).isZero();
    }
  }

  @Test
  void aListOfFramesInAnotherPageThanTheWordIsRefused() {
    for (long frames : new long[] {0x7_0000_1000L, 0x7_0000_0fc8L, 0x7_0000_0101L, -8}) {
      assertThatThrownBy(() -> new StatusWord(0x7_0000_0008L, 42, frames))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void stubTablesAndZeroPagesLieOneBehindTheOther(PagingMode mode) throws KexecPlanException {
    KexecImage image = new JumpBack(ENTRY, mode).withReentry(ROOM);
    PageRange destination = image.segments().getFirst().destination();
    assertThat(image.entry()).isEqualTo(ROOM.startAddress());
    assertThat(destination.start()).isEqualTo(ROOM.start());
    assertThat(destination.count()).isEqualTo(JumpBack.pages(mode));
    assertThat(word(image, 16)).as("root").isEqualTo(ROOM.startAddress() + 4096);
    long spare = word(image, 32);
    int places = 2;
    assertThat(destination.endAddress() - spare)
        .isEqualTo(places * 2L * (mode.levels() - 1) * 4096);
    assertThat(image.segments().getFirst().content().byteSize())
        .as("the zero pages have no content")
        .isLessThanOrEqualTo(spare - ROOM.startAddress());
  }

  @Test
  void aRoomThatIsTooSmallIsRefusedWithTheBytes() {
    PageRange small = new PageRange(0x2000, 0x2000 + JumpBack.pages(PagingMode.FOUR_LEVEL) - 1);
    assertThatThrownBy(() -> new JumpBack(ENTRY, PagingMode.FOUR_LEVEL).forGood(small))
        .isInstanceOf(KexecPlanException.class)
        .hasMessageContaining("4,096 more than there are");
  }

  @Test
  void whatCannotBeAJumpBackEntryIsRefused() {
    for (long entry : new long[] {0, 0xfff, -1, 1L << 47}) {
      assertThatThrownBy(() -> new JumpBack(entry, PagingMode.FOUR_LEVEL).forGood(ROOM))
          .isInstanceOf(KexecPlanException.class)
          .hasMessageContaining("no jump back entry");
    }
  }

  private static long word(KexecImage image, int offset) {
    ByteBuffer stub = image.segments().getFirst().content().asByteBuffer();
    return stub.order(ByteOrder.LITTLE_ENDIAN).getLong(offset);
  }
}
