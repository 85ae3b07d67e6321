package org.dormouse.kexec;

import java.util.List;
import org.dormouse.boot.PagingMode;
import org.dormouse.boot.Stub;
import org.dormouse.linux.Kexec.Context;
import org.dormouse.linux.Kexec.Segment;
import org.dormouse.memory.PageRange;

/**
 * The way from one of several kernels, not the original one, into another, with a way back. A plan
 * serves one jump.
 *
 * @param destination where the other kernel goes on, or starts
 * @param word what it finds at {@code 0(%rsp)}: the original kernel the address of {@code
 *     dispatch}, every other one the original kernel's jump back entry
 * @param mode the paging mode of all of them
 */
public record KernelSwitch(long destination, long word, PagingMode mode) {
  /**
   * What is loaded.
   *
   * @param room {@link JumpBack#room} of the running kernel
   * @throws KexecPlanException if the room is too small, or one of the addresses cannot be one
   */
  public KexecImage image(PageRange room) throws KexecPlanException {
    JumpBack.checkEntry(destination, mode);
    JumpBack.checkEntry(word, mode);
    StubPages stub =
        StubPages.in(
            room,
            mode,
            List.of(),
            0,
            tables -> new Stub.JumpBack(tables, new Stub.Return.WithReentry(word), destination));
    return new KexecImage(
        stub.pages().startAddress(),
        List.of(Segment.of(stub.content(), stub.pages())),
        Context.PRESERVE_CONTEXT);
  }

  /** Where the kernel that has left through a plan in this room is entered again. */
  public static long reentry(PageRange room) {
    return room.startAddress() + Stub.JumpBack.reentry();
  }
}
