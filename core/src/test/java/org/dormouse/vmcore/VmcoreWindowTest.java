package org.dormouse.vmcore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.dormouse.boot.ElfCoreHeaders;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

class VmcoreWindowTest {
  @Property(tries = 200)
  void windowsCoverTheFileWithoutGapAndEndAtTheirBounds(
      @ForAll @LongRange(min = 0, max = 1 << 20) long start,
      @ForAll @LongRange(min = 1, max = 1 << 18) long pages) {
    PageRange range = new PageRange(start, start + pages);
    List<VmcoreWindow> windows = VmcoreWindow.of(List.of(new ElfCoreHeaders.Load(0x1000, range)));
    long next = start;
    for (VmcoreWindow window : windows) {
      assertThat(window.pages().start()).isEqualTo(next);
      assertThat(window.pages().count()).isBetween(1L, VmcoreWindow.PAGES);
      assertThat(window.fileOffset()).isEqualTo(0x1000 + Pages.address(next - start));
      next = window.pages().end();
      assertThat(next == range.end() || next % VmcoreWindow.PAGES == 0).isTrue();
    }
    assertThat(next).isEqualTo(range.end());
  }
}
