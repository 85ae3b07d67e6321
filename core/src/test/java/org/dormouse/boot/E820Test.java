package org.dormouse.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.MemoryMap.Kind;
import org.dormouse.memory.MemoryMap.Region;
import org.dormouse.memory.PageRange;
import org.junit.jupiter.api.Test;

class E820Test {
  @Test
  void onlyTheGivenRamIsRamAndAllElseStaysWhatItIs() {
    MemoryMap map =
        new MemoryMap(
            List.of(
                new Region(0, 0x1000, Kind.RESERVED),
                new Region(0x1000, 0x9fc00, Kind.RAM),
                new Region(0x9fc00, 0xa0000, Kind.RESERVED),
                new Region(0x100000, 0x3ffdf000, Kind.RAM),
                new Region(0x3ffdf000, 0x3ffe0000, Kind.ACPI_TABLES),
                new Region(0x3ffe0000, 0x40000000, Kind.ACPI_NVS),
                new Region(0xb0000000L, 0xc0000000L, Kind.RESERVED),
                new Region(0x100000000L, 0x140000000L, Kind.PERSISTENT)));
    assertThat(E820.within(map, List.of(new PageRange(1, 0x9f), new PageRange(0x2000, 0x9000))))
        .containsExactly(
            new E820.Entry(0, 0x1000, E820.Type.RESERVED),
            new E820.Entry(0x1000, 0x9f000, E820.Type.RAM),
            new E820.Entry(0x9fc00, 0xa0000, E820.Type.RESERVED),
            new E820.Entry(0x2000000, 0x9000000, E820.Type.RAM),
            new E820.Entry(0x3ffdf000, 0x3ffe0000, E820.Type.ACPI_TABLES),
            new E820.Entry(0x3ffe0000, 0x40000000, E820.Type.ACPI_NVS),
            new E820.Entry(0xb0000000L, 0xc0000000L, E820.Type.RESERVED),
            new E820.Entry(0x100000000L, 0x140000000L, E820.Type.PERSISTENT));
  }

  @Test
  void neighboursOfOneTypeAreOneEntry() {
    MemoryMap map =
        new MemoryMap(
            List.of(
                new Region(0, 0x800, Kind.RESERVED),
                new Region(0x800, 0x1000, Kind.RESERVED),
                new Region(0x1000, 0x1800, Kind.ACPI_NVS)));
    assertThat(E820.within(map, List.of()))
        .containsExactly(
            new E820.Entry(0, 0x1000, E820.Type.RESERVED),
            new E820.Entry(0x1000, 0x1800, E820.Type.ACPI_NVS));
  }

  @Test
  void theNumbersAreThoseOfTheKernel() {
    assertThat(List.of(E820.Type.values()))
        .extracting(E820.Type::code)
        .containsExactly(1, 2, 3, 4, 7);
  }
}
