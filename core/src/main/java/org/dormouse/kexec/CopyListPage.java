package org.dormouse.kexec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * A page of the list that tells the finish-resume stub what to copy. The format is written down in
 * {@code src/main/asm/finish-resume.S} and {@code docs/jump-protocol.md}.
 *
 * <p>A view of memory that belongs to somebody else; not safe for concurrent use.
 */
public final class CopyListPage {
  /** The size of a page of the list in bytes. */
  public static final int SIZE = Pages.SIZE;

  /** How many entries a page holds. */
  public static final int CAPACITY = 170;

  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long NEXT = 0;
  private static final long COUNT = 8;
  private static final long ENTRIES = 16;
  private static final long ENTRY_DESTINATION = 8;
  private static final long ENTRY_PAGES = 16;
  private static final long ENTRY_SIZE = 24;

  private final MemorySegment page;

  private CopyListPage(MemorySegment page) {
    this.page = page;
  }

  /**
   * Makes an empty page of a list.
   *
   * @param page {@link #SIZE} bytes to write it to
   * @param next physical address of the page that follows in the list, 0 = none does
   */
  public static CopyListPage begin(MemorySegment page, long next) {
    if (page.byteSize() != SIZE || next < 0 || next % SIZE != 0) {
      throw new IllegalArgumentException(
          String.format("a list page of %d bytes, next 0x%x", page.byteSize(), next));
    }
    page.fill((byte) 0);
    page.set(U64, NEXT, next);
    return new CopyListPage(page);
  }

  /** Whether no more entry fits. */
  public boolean isFull() {
    return count() == CAPACITY;
  }

  /** How many entries the page has. */
  public int count() {
    return (int) page.get(U64, COUNT);
  }

  /**
   * Adds: copy, then zero the source.
   *
   * @param sourcePfn where the parked pages are, not page 0
   * @param destination where they belong
   */
  public void addCopy(long sourcePfn, PageRange destination) {
    if (sourcePfn <= 0) {
      throw new IllegalArgumentException("nothing is parked in page " + sourcePfn);
    }
    add(Pages.address(sourcePfn), destination);
  }

  /** Adds: fill with zeros. */
  public void addZeros(PageRange destination) {
    add(0, destination);
  }

  private void add(long source, PageRange destination) {
    if (isFull() || destination.isEmpty()) {
      throw new IllegalStateException("cannot add " + destination + " to " + count() + " entries");
    }
    long entry = ENTRIES + count() * ENTRY_SIZE;
    page.set(U64, entry, source);
    page.set(U64, entry + ENTRY_DESTINATION, destination.startAddress());
    page.set(U64, entry + ENTRY_PAGES, destination.count());
    page.set(U64, COUNT, count() + 1L);
  }
}
