package org.dormouse.kexec;

import org.dormouse.boot.LeafSize;
import org.dormouse.boot.PagingMode;
import org.dormouse.boot.Stub;
import org.dormouse.memory.PageRange;

/** The way from the saver kernel back into the original kernel, for good. */
public final class JumpBack {
  private JumpBack() {}

  /**
   * Plans the jump. The stub and its page tables take the first pages of {@code room}.
   *
   * @param jumpBackEntry physical address at which the original kernel goes on
   * @param mode the paging mode of both kernels
   * @param leaf the page size of the page tables, which the processor must know
   * @param room pages of the running kernel's RAM and of the saver region, {@link #pages} or more
   * @param limitAddress physical address after the original kernel's last byte of RAM
   * @throws KexecPlanException if the room is too small or out of reach, or the jump back entry
   *     cannot be one
   */
  public static KexecImage plan(
      long jumpBackEntry, PagingMode mode, LeafSize leaf, PageRange room, long limitAddress)
      throws KexecPlanException {
    StubRoom.checkJumpBackEntry(jumpBackEntry, limitAddress);
    return StubRoom.plan(
        mode, leaf, room, limitAddress, tables -> new Stub.JumpBack(tables, jumpBackEntry));
  }

  /** How many pages of the room the plan takes. */
  public static long pages(PagingMode mode, LeafSize leaf, long limitAddress) {
    return StubRoom.pages(mode, leaf, limitAddress);
  }
}
