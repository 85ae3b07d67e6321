package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.oracle.LevelComparison;
import org.dormouse.lab.oracle.PageOracle;
import org.dormouse.lab.qemu.MachineOptions;
import org.dormouse.vmcore.PageKind;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a dump of a machine leaves out is, page by page, what makedumpfile leaves out of it. */
class DumpPagesIT {
  private static final long MIB_PAGES = 256;

  private static final Path MAKEDUMPFILE = Path.of("makedumpfile");

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  void aDumpHasThePagesThatMakedumpfileKeeps() throws Exception {
    Path folder = bed.folder("dump-pages");
    Path core = folder.resolve("memory.img");
    MachineOptions machine = bed.machine().withMemoryBytes(512L << 20).withDevice("vmcoreinfo");
    try (Scenario scenario = Scenario.prepare(bed.software(), machine, folder)) {
      scenario.boot();
      scenario.startWorkload(6);
      scenario.fillTo(Fill.parse("50%"));
      scenario.machine().dumpMemory(core);
    }
    try (PageOracle oracle = PageOracle.open(core, 2)) {
      Map<PageKind, Long> counts = oracle.census().counts();
      assertThat(counts.get(PageKind.ANONYMOUS)).isGreaterThan(100 * MIB_PAGES);
      assertThat(counts.get(PageKind.CACHE)).isGreaterThan(10 * MIB_PAGES);
      assertThat(counts.get(PageKind.FREE)).isGreaterThan(20 * MIB_PAGES);
      assertThat(counts.get(PageKind.SLAB)).isGreaterThan(MIB_PAGES);
      assertThat(counts.get(PageKind.KERNEL_IMAGE)).isGreaterThan(MIB_PAGES);
      assertThat(counts.get(PageKind.PAGE_TABLE)).isGreaterThan(100);
      // All but the memory of processes: the firmware's flash memory, of which the kernel has no
      // page structs, is kept in doubt.
      for (int level : new int[] {0, 1, 1 + 2 + 4 + 16}) {
        LevelComparison found = oracle.compare(MAKEDUMPFILE, level, folder);
        assertThat(found.differences().keySet())
            .as("%s", found.lines())
            .isSubsetOf(PageKind.UNKNOWN);
        assertThat(found.theirs().stored()).isPositive();
      }
      LevelComparison most = oracle.compare(MAKEDUMPFILE, 31, folder);
      assertThat(most.differences().keySet())
          .as("%s", most.lines())
          .isSubsetOf(PageKind.UNKNOWN, PageKind.ANONYMOUS);
      if (most.differences().containsKey(PageKind.ANONYMOUS)) {
        // Before 1.7.4 it does not know the size of a compound page of 6.6 and later, and keeps
        // all but the first page of each.
        assertThat(most.differences().get(PageKind.ANONYMOUS).stories())
            .allMatch(story -> story.startsWith("left out here"));
      }
    }
    bed.tidy(folder);
  }
}
