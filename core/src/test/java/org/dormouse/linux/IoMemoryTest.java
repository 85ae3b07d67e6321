package org.dormouse.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.List;
import org.dormouse.memory.MemoryMap.Kind;
import org.dormouse.memory.MemoryMap.Region;
import org.dormouse.memory.PageRange;
import org.junit.jupiter.api.Test;

class IoMemoryTest {
  private static final List<String> MACHINE =
      List.of(
          "00000000-00000fff : Reserved",
          "00001000-0009fbff : System RAM",
          "000f0000-000fffff : Reserved",
          "  000f0000-000fffff : System ROM",
          "00100000-3ffd9fff : System RAM",
          "  0e400000-0ebfffff : Kernel code",
          "  0ec00000-0ed91fff : Kernel rodata",
          "3ffda000-3fffffff : ACPI Tables",
          "febf0000-febf3fff : 0000:00:01.0",
          "fed00000-fed003ff : HPET 0",
          "  fed00000-fed003ff : PNP0103:00",
          "100000000-13fffffff : System RAM");

  @Test
  void readsMemoryAndWhereTheKernelIs() throws IOException {
    IoMemory memory = IoMemory.parse(MACHINE);
    assertThat(memory.map().ram())
        .containsExactly(
            new PageRange(0x1, 0x9f),
            new PageRange(0x100, 0x3ffda),
            new PageRange(0x100000, 0x140000));
    assertThat(memory.map().regions())
        .contains(new Region(0x3ffda000, 0x40000000, Kind.ACPI_TABLES))
        .noneMatch(region -> region.start() == 0xfebf0000L);
    assertThat(memory.added()).isEmpty();
    assertThat(memory.hpet()).hasValue(0xfed00000L);
    assertThat(memory.kernel())
        .containsExactly(new PageRange(0xe400, 0xec00), new PageRange(0xec00, 0xed92));
  }

  @Test
  void saysThatItNeedsRootWhenAddressesAreHidden() {
    assertThatThrownBy(() -> IoMemory.parse(List.of("00000000-00000000 : System RAM")))
        .isInstanceOf(AccessDeniedException.class);
  }

  @Test
  void memoryThatDriversAddedIsToldFromTheMap() throws IOException {
    IoMemory memory =
        IoMemory.parse(
            List.of(
                "00001000-0009fbff : System RAM",
                "100000000-23fffffff : System RAM",
                "240000000-2bfffffff : Soft Reserved",
                "  240000000-2bfffffff : dax0.0",
                "    240000000-2bfffffff : System RAM (kmem)",
                "2c0000000-2cfffffff : Unusable memory",
                "4080000000-507fffffff : CXL Window 0",
                "  4080000000-40bfffffff : region0",
                "    4080000000-40bfffffff : System RAM",
                "5080000000-607fffffff : CXL Window 1",
                "6080000000-60ffffffff : System RAM (virtio_mem)"));
    assertThat(memory.added())
        .extracting(IoMemory.AddedMemory::name)
        .containsExactly(
            "System RAM (kmem)", "CXL Window 0", "System RAM", "System RAM (virtio_mem)");
    assertThat(memory.added().getFirst())
        .isEqualTo(new IoMemory.AddedMemory(0x240000000L, 0x2c0000000L, "System RAM (kmem)"));
    assertThat(memory.map().ram())
        .containsExactly(new PageRange(0x1, 0x9f), new PageRange(0x100000, 0x240000));
    // Soft Reserved and Unusable memory, next to each other, are one region.
    assertThat(memory.map().regions())
        .contains(new Region(0x240000000L, 0x2d0000000L, Kind.RESERVED));
  }

  @Test
  void namesALineThatItCannotRead() {
    assertThatThrownBy(() -> IoMemory.parse(List.of("no line")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no line");
  }
}
