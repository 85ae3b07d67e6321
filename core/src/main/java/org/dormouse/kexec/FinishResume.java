package org.dormouse.kexec;

import org.dormouse.boot.LeafSize;
import org.dormouse.boot.PagingMode;
import org.dormouse.boot.Stub;
import org.dormouse.memory.PageRange;

/**
 * The last step of a resume: carry out the copy list (see {@link CopyListPage}) and jump into the
 * original kernel.
 */
public final class FinishResume {
  private FinishResume() {}

  /**
   * Plans the step. The stub and its page tables take the first pages of {@code room}.
   *
   * @param jumpBackEntry physical address at which the original kernel goes on
   * @param listHead physical address of the first page of the copy list, 0 = there is nothing to
   *     copy
   * @param mode the paging mode of both kernels
   * @param leaf the page size of the page tables, which the processor must know
   * @param room pages of the saver region, which no image has a page in; {@link #pages} or more. No
   *     page of the list, no source and no destination may lie in the part that is used
   * @param limitAddress physical address after the machine's last byte of RAM
   * @throws KexecPlanException if the room is too small or out of reach, or an address cannot be
   *     one
   */
  public static KexecImage plan(
      long jumpBackEntry,
      long listHead,
      PagingMode mode,
      LeafSize leaf,
      PageRange room,
      long limitAddress)
      throws KexecPlanException {
    StubRoom.checkJumpBackEntry(jumpBackEntry, limitAddress);
    if (listHead < 0 || listHead % CopyListPage.SIZE != 0 || listHead >= limitAddress) {
      throw KexecPlanException.of("0x%x is not the address of a page of RAM", listHead);
    }
    return StubRoom.plan(
        mode,
        leaf,
        room,
        limitAddress,
        tables -> new Stub.FinishResume(tables, listHead, jumpBackEntry));
  }

  /** How many pages of the room the plan takes. */
  public static long pages(PagingMode mode, LeafSize leaf, long limitAddress) {
    return StubRoom.pages(mode, leaf, limitAddress);
  }
}
