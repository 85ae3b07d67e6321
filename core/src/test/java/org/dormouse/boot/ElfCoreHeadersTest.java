package org.dormouse.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.dormouse.boot.ElfCoreHeaders.Load;
import org.dormouse.boot.ElfCoreHeaders.Note;
import org.dormouse.memory.PageRange;
import org.junit.jupiter.api.Test;

class ElfCoreHeadersTest {
  private static final Note VMCOREINFO = new Note(0x3f05_b000L, 0x1024);

  @Test
  void whatTheKernelChecksIsRight() {
    ByteBuffer headers = headers(List.of(new PageRange(0x100, 0x8000)), List.of(VMCOREINFO));
    assertThat(headers.getInt(0)).isEqualTo(0x464c457f);
    assertThat(headers.get(4)).as("ELFCLASS64").isEqualTo((byte) 2);
    assertThat(headers.get(6)).as("EV_CURRENT").isEqualTo((byte) 1);
    assertThat(headers.getShort(16)).as("ET_CORE").isEqualTo((short) 4);
    assertThat(headers.getShort(18)).as("EM_X86_64").isEqualTo((short) 62);
    assertThat(headers.getInt(20)).as("e_version").isEqualTo(1);
    assertThat(headers.getShort(52)).as("e_ehsize").isEqualTo((short) 64);
    assertThat(headers.getShort(54)).as("e_phentsize").isEqualTo((short) 56);
    assertThat(headers.getShort(56)).as("e_phnum").isEqualTo((short) 2);
  }

  @Test
  void theNoteComesFirstAndPointsToMemory() {
    ByteBuffer headers = headers(List.of(new PageRange(0x100, 0x8000)), List.of(VMCOREINFO));
    assertThat(headers.getInt(64)).as("PT_NOTE").isEqualTo(4);
    assertThat(headers.getLong(64 + 8)).isEqualTo(0x3f05_b000L);
    assertThat(headers.getLong(64 + 40)).isEqualTo(0x1024);
    assertThat(headers.getInt(120)).as("PT_LOAD").isEqualTo(1);
    assertThat(headers.getLong(120 + 8)).as("p_offset").isEqualTo(0x100000);
    assertThat(headers.getLong(120 + 24)).as("p_paddr").isEqualTo(0x100000);
    assertThat(headers.getLong(120 + 40)).as("p_memsz").isEqualTo(0x7f00000);
  }

  @Property(tries = 300)
  void whatIsWrittenIsReadBack(
      @ForAll @Size(max = 300) List<@LongRange(min = 1, max = 1 << 20) Long> steps,
      @ForAll @IntRange(min = 1, max = 5) int notes)
      throws BootFormatException {
    List<PageRange> ranges = ranges(steps);
    byte[] bytes = ElfCoreHeaders.write(ranges, java.util.Collections.nCopies(notes, VMCOREINFO));
    assertThat(bytes.length).isEqualTo(ElfCoreHeaders.pagesNeeded(ranges.size(), notes) * 4096);
    MemorySegment start = MemorySegment.ofArray(bytes);
    assertThat(ElfCoreHeaders.parse(start))
        .isEqualTo(ranges.stream().map(range -> new Load(range.startAddress(), range)).toList());
    assertThat(ElfCoreHeaders.size(start)).isEqualTo(64 + 56L * (ranges.size() + notes));
  }

  @Property(tries = 300)
  void aPartIsRefused(
      @ForAll @Size(min = 2, max = 300) List<@LongRange(min = 1, max = 1 << 20) Long> steps,
      @ForAll @IntRange(max = 1 << 16) int cut)
      throws BootFormatException {
    MemorySegment all =
        MemorySegment.ofArray(ElfCoreHeaders.write(ranges(steps), List.of(VMCOREINFO)));
    MemorySegment part = all.asSlice(0, cut % ElfCoreHeaders.size(all));
    assertThatThrownBy(() -> ElfCoreHeaders.parse(part)).isInstanceOf(BootFormatException.class);
  }

  @Property(tries = 1000)
  void damageIsReadOrRefusedAndNothingElse(
      @ForAll @IntRange(max = 64 + 3 * 56 - 1) int offset, @ForAll byte value) {
    byte[] bytes =
        ElfCoreHeaders.write(
            List.of(new PageRange(0x100, 0x8000), new PageRange(0x9000, 0x10000)),
            List.of(VMCOREINFO));
    bytes[offset] = value;
    try {
      for (Load load : ElfCoreHeaders.parse(MemorySegment.ofArray(bytes))) {
        assertThat(load.fileOffset()).isNotNegative();
        assertThat(load.pages().isEmpty()).isFalse();
      }
    } catch (BootFormatException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }

  @Property(tries = 500)
  void randomBytesAreRefused(@ForAll byte[] bytes) {
    assertThatThrownBy(() -> ElfCoreHeaders.parse(MemorySegment.ofArray(bytes)))
        .isInstanceOf(BootFormatException.class);
  }

  private static List<PageRange> ranges(List<Long> steps) {
    List<PageRange> ranges = new ArrayList<>();
    long at = 0;
    for (int i = 0; i + 1 < steps.size(); i += 2) {
      long start = at + steps.get(i);
      at = start + steps.get(i + 1);
      ranges.add(new PageRange(start, at));
    }
    return ranges;
  }

  private static ByteBuffer headers(List<PageRange> ranges, List<Note> notes) {
    return ByteBuffer.wrap(ElfCoreHeaders.write(ranges, notes)).order(ByteOrder.LITTLE_ENDIAN);
  }
}
