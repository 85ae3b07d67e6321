package org.dormouse.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.store.PagesStore;
import org.dormouse.text.ReportException;
import org.junit.jupiter.api.Test;

/** A saver writes into the frames that it was lent, in their order, and into no others. */
class LentPagesTest {
  private static final UUID LOAN = new UUID(5, 6);

  /** A machine of 16 MiB. */
  private static final PageRange RAM = new PageRange(0x10, 0x1000);

  /** Frames of a machine; the loan is made of some of them. */
  private static final class Lender {
    final Arena arena = Arena.ofAuto();
    final MemorySegment physical = arena.allocate(RAM.endAddress(), Pages.SIZE);
    final List<PageRange> runs = new ArrayList<>();
    long list;
    long pages;

    /** Lends pieces of one to four pages, never two that touch, from the top down. */
    Lender(long seed, int wanted) {
      Random random = new Random(seed);
      physical.fill((byte) 0x5a);
      long next = RAM.end();
      for (int i = 0; i < wanted; i++) {
        int count = 1 + random.nextInt(4);
        next -= count + 1 + random.nextInt(2);
        lend(new PageRange(next, next + count));
      }
      writeList();
    }

    private void lend(PageRange run) {
      for (long pfn = run.start(); pfn < run.end(); pfn++) {
        LentPages.mark(page(pfn), LOAN, pages++);
      }
      runs.add(run);
    }

    private void writeList() {
      list = RAM.start();
      long first = 0;
      for (int at = 0, number = 0; at < runs.size(); at += LentPages.RUNS_IN_PAGE, number++) {
        int end = Math.min(runs.size(), at + LentPages.RUNS_IN_PAGE);
        MemorySegment page = page(list + 2L * number).fill((byte) 0);
        LentPages.ListPage written =
            LentPages.list(
                page, LOAN, number, end < runs.size() ? list + 2L * (number + 1) : 0, first);
        for (PageRange run : runs.subList(at, end)) {
          written.add(run);
          first += run.count();
        }
      }
    }

    MemorySegment page(long pfn) {
      return physical.asSlice(Pages.address(pfn), Pages.SIZE);
    }

    LentPages open() throws IOException {
      return LentPages.open(frames(), List.of(RAM), list, LOAN, pages, arena);
    }

    private Frames frames() {
      return frames ->
          new Frames.Lease() {
            @Override
            public MemorySegment memory() {
              return physical.asSlice(frames.startAddress(), frames.bytes());
            }

            @Override
            public void close() {
              // It stays.
            }
          };
    }
  }

  @Property(tries = 20)
  void whatIsWrittenLiesInTheFramesInTheirOrderAndNowhereElse(@ForAll long seed)
      throws IOException {
    Lender lender = new Lender(seed, 1 + new Random(seed).nextInt(600));
    LentPages lent = lender.open();
    PagesStore store = new PagesStore("lent", lent);
    assertThat(store.size()).isEqualTo(Pages.address(lender.pages));
    MemorySegment bytes = Arena.ofAuto().allocate(store.size(), Pages.SIZE);
    for (long page = 0; page < lender.pages; page++) {
      bytes.asSlice(Pages.address(page), Pages.SIZE).fill((byte) (page + 1));
    }
    long half = Pages.address(lender.pages / 2);
    store.write(half, bytes.asSlice(half));
    store.write(0, bytes.asSlice(0, half));

    byte expected = 1;
    MemorySegment untouched = new Lender(seed, 1 + new Random(seed).nextInt(600)).physical;
    for (PageRange run : lender.runs) {
      for (long pfn = run.start(); pfn < run.end(); pfn++) {
        assertThat(lender.page(pfn).get(ValueLayout.JAVA_BYTE, 77)).isEqualTo(expected++);
        untouched.asSlice(Pages.address(pfn), Pages.SIZE).copyFrom(lender.page(pfn));
      }
    }
    assertThat(lender.physical.mismatch(untouched)).isEqualTo(-1);
    MemorySegment again = Arena.ofAuto().allocate(store.size(), Pages.SIZE);
    store.read(0, again);
    assertThat(again.mismatch(bytes)).isEqualTo(-1);
    long[] told = new long[1];
    lent.forEachRun(run -> told[0] += run.count());
    assertThat(told[0]).isEqualTo(lent.frames()).isGreaterThan(lender.pages);
  }

  @Test
  void aFrameThatLacksItsMarkIsNotWrittenTo() throws IOException {
    Lender lender = new Lender(3, 40);
    LentPages lent = lender.open();
    PagesStore store = new PagesStore("lent", lent);
    MemorySegment page = Arena.ofAuto().allocate(Pages.SIZE, Pages.SIZE);
    long moved = lender.runs.getLast().start();
    lender.page(moved).fill((byte) 9);
    long number = lender.pages - lender.runs.getLast().count();
    assertThatThrownBy(() -> store.write(Pages.address(number), page))
        .isInstanceOf(ReportException.class)
        .hasMessageContaining("page " + number + " lacks its mark");
    assertThat(lender.page(moved).get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 9);
    // The first one is known by what is in it. And what was written once may be written again.
    lender.page(lender.runs.getFirst().start()).fill((byte) 9);
    store.write(0, page);
    store.write(0, page);
  }

  @Test
  void aListThatCannotBeRightIsNotFollowed() throws IOException {
    assertThat(new Lender(3, 600).open().pages()).isPositive();
    int words = Long.BYTES;
    // Letters, loan, number, the next page, the first page's number, the count, the first run.
    for (int word : List.of(0, 1, 2, 3, 4, 5, 6, 8, 9)) {
      for (long wrong : new long[] {-1, 7, RAM.end(), Long.MAX_VALUE}) {
        Lender lender = new Lender(3, 600);
        lender.page(lender.list).set(ValueLayout.JAVA_LONG, (long) word * words, wrong);
        assertThatThrownBy(lender::open)
            .as("word %d: %d", word, wrong)
            .isInstanceOf(IOException.class);
      }
    }
    Lender other = new Lender(3, 4);
    other.pages++;
    assertThatThrownBy(other::open).hasMessageContaining("pages of " + other.pages);
  }
}
