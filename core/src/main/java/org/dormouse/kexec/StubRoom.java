package org.dormouse.kexec;

import java.util.List;
import java.util.function.LongFunction;
import org.dormouse.boot.LeafSize;
import org.dormouse.boot.PageTables;
import org.dormouse.boot.PagingMode;
import org.dormouse.boot.Stub;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/** A stub with page tables of its own: first the stub, then the tables, in one segment. */
final class StubRoom {
  /**
   * The tables map at least this much, 4 GiB in bytes: nobody looks closely at what they use below
   * it.
   */
  private static final long LEAST_LIMIT = 4L << 30;

  private StubRoom() {}

  /** How many pages stub and tables take. */
  static long pages(PagingMode mode, LeafSize leaf, long limitAddress) {
    return Pages.holding(Stub.SIZE)
        + PageTables.pagesNeeded(mode, leaf, Math.max(limitAddress, LEAST_LIMIT));
  }

  /**
   * Plans a jump for good.
   *
   * @param stub makes the stub from the address of the page tables
   */
  static KexecImage plan(
      PagingMode mode, LeafSize leaf, PageRange room, long limitAddress, LongFunction<Stub> stub)
      throws KexecPlanException {
    long limit = Math.max(limitAddress, LEAST_LIMIT);
    long pages = pages(mode, leaf, limitAddress);
    if (room.count() < pages) {
      throw KexecPlanException.of(
          "stub and page tables take %,d bytes, %,d more than there are in %s",
          Pages.address(pages), Pages.address(pages - room.count()), room);
    }
    PageRange used = new PageRange(room.start(), room.start() + pages);
    if (used.endAddress() > limit) {
      throw KexecPlanException.of(
          "the stub at %s would not be mapped by its own page tables, which end at 0x%x",
          used, limit);
    }
    long tables = room.startAddress() + Stub.SIZE;
    byte[] content = new byte[(int) used.bytes()];
    System.arraycopy(stub.apply(tables).bytes(), 0, content, 0, Stub.SIZE);
    byte[] tableBytes = PageTables.identity(mode, leaf, limit, tables);
    System.arraycopy(tableBytes, 0, content, Stub.SIZE, tableBytes.length);
    return new KexecImage(
        room.startAddress(), List.of(Segment.of(content, used)), KexecImage.Context.DISCARD);
  }

  /** Checks that the jump back entry can be one: known, and mapped by the tables. */
  static void checkJumpBackEntry(long jumpBackEntry, long limitAddress) throws KexecPlanException {
    if (jumpBackEntry <= 0 || jumpBackEntry >= Math.max(limitAddress, LEAST_LIMIT)) {
      throw KexecPlanException.of(
          "0x%x is no jump back entry of a machine whose RAM ends at 0x%x",
          jumpBackEntry, limitAddress);
    }
  }
}
