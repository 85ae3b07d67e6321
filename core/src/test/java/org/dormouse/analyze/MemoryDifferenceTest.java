package org.dormouse.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.LongAdder;
import org.dormouse.dump.CoreFile;
import org.dormouse.dump.ElfBytes;
import org.dormouse.memory.Pages;
import org.dormouse.vmcore.PageCensus;
import org.dormouse.vmcore.PageKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryDifferenceTest {
  private static final int PAGES = 1000;
  private static final long FIRST = 0x77;

  @TempDir Path folder;

  @Test
  void changesAreCountedByPagesAndBytes() throws Exception {
    byte[] before = new byte[PAGES * Pages.SIZE];
    new Random(1).nextBytes(before);
    byte[] after = before.clone();
    after[0]++;
    after[4095]++;
    after[700 * Pages.SIZE + 8]++;
    try (CoreFile one = dump("one", FIRST, before);
        CoreFile same = dump("same", FIRST, before);
        CoreFile other = dump("other", FIRST, after)) {
      assertThat(between(one, same).total())
          .isEqualTo(new MemoryDifference.Counts(PAGES, 0, 0, 0, 0));
      MemoryDifference difference = between(one, other);
      assertThat(difference.kinds()).containsOnlyKeys(PageKind.UNKNOWN);
      assertThat(difference.total()).isEqualTo(new MemoryDifference.Counts(PAGES - 2, 2, 3, 0, 0));
    }
  }

  @Test
  void pagesThatOnlyOneHasAreCounted() throws Exception {
    byte[] memory = new byte[PAGES * Pages.SIZE];
    new Random(1).nextBytes(memory);
    try (CoreFile one = dump("one", FIRST, memory);
        CoreFile moved = dump("moved", FIRST + 300, memory)) {
      MemoryDifference.Counts total = between(one, moved).total();
      assertThat(total.onlyFirst()).isEqualTo(300);
      assertThat(total.onlySecond()).isEqualTo(300);
      assertThat(total.changed()).isEqualTo(PAGES - 300);
      assertThat(total.same()).isZero();
    }
  }

  private static MemoryDifference between(CoreFile first, CoreFile second) throws Exception {
    PageCensus census = PageCensus.unknown(second.ram(), "a test");
    LongAdder done = new LongAdder();
    MemoryDifference difference = MemoryDifference.between(first, second, census, done::add);
    assertThat(done.sum()).isGreaterThanOrEqualTo(MemoryDifference.pages(first, second));
    return difference;
  }

  private CoreFile dump(String name, long first, byte[] memory) throws Exception {
    return CoreFile.open(
        Files.write(
            folder.resolve(name), new ElfBytes().load(Pages.address(first), 0, memory).bytes()));
  }
}
