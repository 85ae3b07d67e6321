package org.dormouse.kexec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.dormouse.boot.LeafSize;
import org.dormouse.boot.PageTables;
import org.dormouse.boot.PagingMode;
import org.dormouse.boot.Stub;
import org.dormouse.memory.PageRange;
import org.junit.jupiter.api.Test;

class JumpPlansTest {
  private static final PageRange ROOM = new PageRange(0x4000, 0x8000);
  private static final long JUMP_BACK_ENTRY = 0x23456127L;

  @Property(tries = 40)
  void theStubComesFirstAndItsTablesFollow(
      @ForAll PagingMode mode,
      @ForAll LeafSize leaf,
      @ForAll @LongRange(min = 1L << 30, max = 1L << 40) long limit)
      throws KexecPlanException {
    KexecImage back = JumpBack.plan(JUMP_BACK_ENTRY, mode, leaf, ROOM, limit);
    checkStubRoom(back, new Stub.JumpBack(0x4001000, JUMP_BACK_ENTRY), mode, leaf, limit);
    assertThat(back.pages()).isEqualTo(JumpBack.pages(mode, leaf, limit));

    KexecImage finish = FinishResume.plan(JUMP_BACK_ENTRY, 0x3000, mode, leaf, ROOM, limit);
    checkStubRoom(
        finish, new Stub.FinishResume(0x4001000, 0x3000, JUMP_BACK_ENTRY), mode, leaf, limit);
    assertThat(finish.pages()).isEqualTo(FinishResume.pages(mode, leaf, limit));
  }

  private static void checkStubRoom(
      KexecImage image, Stub stub, PagingMode mode, LeafSize leaf, long limit) {
    assertThat(image.context()).isEqualTo(KexecImage.Context.DISCARD);
    assertThat(image.entry()).isEqualTo(ROOM.startAddress());
    assertThat(image.segments()).hasSize(1);
    Segment segment = image.segments().getFirst();
    assertThat(ROOM.contains(segment.destination())).isTrue();
    byte[] content = segment.content().toArray(ValueLayout.JAVA_BYTE);
    assertThat(Arrays.copyOf(content, Stub.SIZE)).isEqualTo(stub.bytes());
    byte[] tables = PageTables.identity(mode, leaf, Math.max(limit, 4L << 30), 0x4001000);
    assertThat(Arrays.equals(content, Stub.SIZE, content.length, tables, 0, tables.length))
        .isTrue();
    assertThat(content.length).isEqualTo(segment.destination().bytes());
  }

  @Test
  void aRoomThatIsTooSmallIsRefusedWithTheBytes() {
    assertThatThrownBy(
            () ->
                JumpBack.plan(
                    JUMP_BACK_ENTRY,
                    PagingMode.FIVE_LEVEL,
                    LeafSize.LARGE,
                    new PageRange(0x4000, 0x4003),
                    1L << 30))
        .isInstanceOf(KexecPlanException.class)
        .hasMessageContaining("32,768 bytes, 20,480 more than");
  }

  @Test
  void whatCannotBeAJumpBackEntryIsRefused() {
    for (long entry : new long[] {0, -1, 8L << 30}) {
      assertThatThrownBy(
              () -> JumpBack.plan(entry, PagingMode.FOUR_LEVEL, LeafSize.HUGE, ROOM, 8L << 30))
          .isInstanceOf(KexecPlanException.class)
          .hasMessageContaining("no jump back entry");
    }
  }

  @Test
  void aListThatIsNotInRamIsRefused() {
    for (long head : new long[] {-4096, 0x3008, 8L << 30}) {
      assertThatThrownBy(
              () ->
                  FinishResume.plan(
                      JUMP_BACK_ENTRY, head, PagingMode.FOUR_LEVEL, LeafSize.HUGE, ROOM, 8L << 30))
          .isInstanceOf(KexecPlanException.class)
          .hasMessageContaining("not the address of a page");
    }
  }

  @Test
  void aListPageIsWrittenAsTheStubReadsIt() {
    MemorySegment memory = Arena.ofAuto().allocate(4096);
    memory.fill((byte) 0xee);
    CopyListPage page = CopyListPage.begin(memory, 0x7000);
    page.addCopy(5, new PageRange(0x100, 0x103));
    page.addZeros(new PageRange(0x200, 0x201));
    long[] words = memory.toArray(ValueLayout.JAVA_LONG);
    assertThat(words).startsWith(0x7000, 2, 0x5000, 0x100000, 3, 0, 0x200000, 1, 0);
    for (int i = 2; i < CopyListPage.CAPACITY; i++) {
      assertThat(page.isFull()).isFalse();
      page.addZeros(new PageRange(0x300, 0x301));
    }
    assertThat(page.isFull()).isTrue();
    assertThatThrownBy(() -> page.addZeros(new PageRange(0x300, 0x301)))
        .isInstanceOf(IllegalStateException.class);
  }
}
