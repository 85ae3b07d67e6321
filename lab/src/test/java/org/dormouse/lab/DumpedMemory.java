package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.dormouse.convert.Dumps;
import org.dormouse.dump.CoreFile;
import org.dormouse.lab.workload.PlantedValue;
import org.dormouse.lab.workload.WorkloadPages;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;

/** Looks for a guest's memory in a dump of any kind. */
final class DumpedMemory {
  private DumpedMemory() {}

  /** Whether a dump has every page of the workload, whole, and the value that was planted. */
  static void holds(Path dump, long value, WorkloadPages pages) throws Exception {
    pages.forget();
    Set<Long> values = new HashSet<>();
    try (CoreFile core = Dumps.open(dump)) {
      assertThat(core.description().processors()).as("registers in " + dump).isEqualTo(1);
      eachPage(
          core,
          (pfn, words) -> {
            pages.isOne(words);
            PlantedValue.in(words).ifPresent(values::add);
          });
    }
    assertThat(values).as(dump.toString()).containsExactly(value);
    assertThat(pages.seen()).as(dump.toString()).isEqualTo(pages.count());
  }

  /** Looks at a page. */
  interface Look {
    void at(long pfn, long[] words) throws IOException;
  }

  static void eachPage(CoreFile core, Look look) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      PageSet stored = core.presence(arena).stored();
      for (long pfn = stored.next(0); pfn < stored.limit(); pfn = stored.next(pfn + 1)) {
        look.at(pfn, words(core, pfn));
      }
    }
  }

  static long[] words(CoreFile core, long pfn) throws IOException {
    try (Frames.Lease lease = core.frames().lease(new PageRange(pfn, pfn + 1))) {
      long[] words = new long[Pages.SIZE / Long.BYTES];
      MemorySegment.copy(
          lease.memory(), ValueLayout.JAVA_LONG_UNALIGNED, 0, words, 0, words.length);
      return words;
    }
  }
}
