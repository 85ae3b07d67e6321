package org.dormouse.dump;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.dormouse.vmcore.JumpedProcessor;
import org.junit.jupiter.api.Test;

/** Notes that are added are read, and those that were there stay. */
class NewNoteTest {
  private static final JumpedProcessor REGISTERS =
      new JumpedProcessor(0x46, 15, 14, 13, 12, 5, 3, 0xffffffff81234567L, 0xffffc90000123450L);

  @Test
  void registersComeFirstRemarksLastAndVmcoreinfoStays() {
    CoreDescription plain = new CoreDescription(List.of(), SmallMemory.NOTES);
    CoreDescription more =
        plain.withRemark("what was in [1, 2) is missing").withProcessor(REGISTERS, 4711);
    assertThat(more.vmcoreInfoText()).isEqualTo(plain.vmcoreInfoText()).isPresent();
    assertThat(more.remarks()).containsExactly("what was in [1, 2) is missing");
    assertThat(plain.remarks()).isEmpty();
    assertThat(more.processors()).isEqualTo(plain.processors() + 1);
    assertThat(CoreDescription.of(more.lines())).isEqualTo(more);
    CoreNotes.Note first = new CoreNotes(more.notes()).each().findFirst().orElseThrow();
    assertThat(first.name()).isEqualTo("CORE");
    assertThat(first.contentBytes()).isEqualTo(336);
    MemorySegment contents = MemorySegment.ofArray(more.notes()).asSlice(first.contents());
    // struct elf_prstatus: the registers begin at 112; rip is the 17th, rsp the 20th.
    // The task's number is at 32.
    assertThat(contents.get(Elf64.U32, 32)).isEqualTo(4711);
    assertThat(contents.get(Elf64.U64, 112)).isEqualTo(15);
    assertThat(contents.get(Elf64.U64, 112 + 16 * 8)).isEqualTo(REGISTERS.rip());
    assertThat(contents.get(Elf64.U64, 112 + 19 * 8)).isEqualTo(REGISTERS.rsp());
  }
}
