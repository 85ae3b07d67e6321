package org.dormouse.kexec;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.dormouse.boot.PageTables;
import org.dormouse.boot.PagingMode;
import org.dormouse.boot.Stub;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * A stub with page tables of its own that it completes when it runs.
 *
 * <pre>
 * stub (1 page) | page tables | zero pages for more of them
 * </pre>
 */
final class StubPages {
  /** These pages, a word and a log elsewhere, and the local APIC. */
  private static final int PLACES_BEFORE = 4;

  /** Around the jump back entry, and around the re-entry. */
  private static final int PLACES_LATER = 2;

  private static final int ROOT = 1;

  private final PageRange pages;
  private final byte[] content;

  private StubPages(PageRange pages, byte[] content) {
    this.pages = pages;
    this.content = content;
  }

  /** How many pages it takes, wherever they are, and whatever they map. */
  static long count(PagingMode mode) {
    return count(mode, 0);
  }

  /** Likewise, with so many single pages more that it maps when it runs. */
  private static long count(PagingMode mode, int later) {
    return firstSpare(mode)
        + PageTables.most(mode, PLACES_LATER)
        + (long) later * (mode.levels() - 1);
  }

  /**
   * Puts a stub and its tables into the first pages of a room.
   *
   * @param others what the tables have to map, at most two places, none larger than 2 MiB
   * @param later how many single pages the stub maps when it runs, besides the two places
   * @param stub makes the stub from the description of the tables
   */
  static StubPages in(
      PageRange room,
      PagingMode mode,
      List<PageRange> others,
      int later,
      Function<Stub.Tables, Stub> stub)
      throws KexecPlanException {
    long count = count(mode, later);
    long missing = count - room.count();
    if (missing > 0) {
      throw KexecPlanException.of(
          "stub and page tables take %,d bytes, %,d more than there are in %s",
          Pages.address(count), Pages.address(missing), room);
    }
    PageRange pages = new PageRange(room.start(), room.start() + count);
    long root = pages.startAddress() + Stub.SIZE;
    List<PageRange> mapped = new ArrayList<>(others);
    mapped.add(pages);
    byte[] tables = PageTables.identity(mode, mapped, root);
    long spare = pages.startAddress() + Pages.address(firstSpare(mode));
    byte[] content = new byte[Stub.SIZE + tables.length];
    byte[] code = stub.apply(new Stub.Tables(root, mode, spare)).bytes();
    System.arraycopy(code, 0, content, 0, Stub.SIZE);
    System.arraycopy(tables, 0, content, Stub.SIZE, tables.length);
    return new StubPages(pages, content);
  }

  /** Where it goes. */
  PageRange pages() {
    return pages;
  }

  /** The stub and the tables; the rest of the pages is zeros. */
  byte[] content() {
    return content;
  }

  /** Where in {@link #pages} the zero pages begin. */
  private static long firstSpare(PagingMode mode) {
    return Pages.holding(Stub.SIZE) + ROOT + PageTables.most(mode, PLACES_BEFORE);
  }
}
