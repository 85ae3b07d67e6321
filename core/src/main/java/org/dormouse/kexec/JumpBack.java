package org.dormouse.kexec;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.dormouse.boot.PageTables;
import org.dormouse.boot.PagingMode;
import org.dormouse.boot.Stub;
import org.dormouse.linux.Kexec.Context;
import org.dormouse.linux.Kexec.Segment;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * The ways from the saver kernel back into the original kernel. Each plan takes the first {@link
 * #pages} pages of the room that it is given.
 *
 * @param jumpBackEntry physical address at which the original kernel goes on
 * @param mode the paging mode of both kernels
 */
public record JumpBack(long jumpBackEntry, PagingMode mode) {
  /**
   * From where in the region on a kernel has the stub and its page tables, in bytes: behind what
   * the layout puts at the region's start. A kernel of any kind has RAM there.
   */
  private static final long ROOM_OFFSET = 256L << 10;

  /**
   * Eight bytes of the original kernel's memory and what is written there: how it learns that the
   * saver has panicked.
   *
   * @param address physical address, a multiple of 8, in neither low memory nor the saver region
   * @param value what is written
   * @param logFrames physical address of a list in the same page: the PFNs, of eight bytes each, of
   *     the {@value PanicLogArea#PAGES} pages that take what the saver printed; 0 for none
   */
  public record StatusWord(long address, long value, long logFrames) {
    /**
     * Checks the address.
     *
     * @throws IllegalArgumentException if it is not a multiple of 8, or 0; or if the list is not in
     *     its page
     */
    public StatusWord {
      if (address <= 0 || address % Long.BYTES != 0) {
        throw new IllegalArgumentException(String.format("a status word at 0x%x", address));
      }
      long end = logFrames + PanicLogArea.PAGES * (long) Long.BYTES;
      if (logFrames != 0
          && (logFrames % Long.BYTES != 0 || !pageOf(address).contains(pageOf(logFrames, end)))) {
        throw new IllegalArgumentException(String.format("a list of frames at 0x%x", logFrames));
      }
    }

    private static PageRange pageOf(long address) {
      return pageOf(address, address + Long.BYTES);
    }

    private static PageRange pageOf(long start, long end) {
      return PageRange.covering(start, end);
    }

    private PageRange page() {
      return pageOf(address);
    }
  }

  /** How many pages of the room a plan takes: that does not depend on how much memory there is. */
  public static long pages(PagingMode mode) {
    return StubPages.count(mode);
  }

  /** Where a kernel that runs in {@code region} loads its way to another one. */
  public static PageRange room(PageRange region, PagingMode mode) {
    long start = region.start() + Pages.pfn(ROOM_OFFSET);
    return new PageRange(start, start + pages(mode));
  }

  /**
   * The saver ends with the jump, and the original kernel is told that there is nobody.
   *
   * @param room pages of the running saver's RAM, so of the saver region
   * @throws KexecPlanException if the room is too small, or the jump back entry cannot be one
   */
  public KexecImage forGood(PageRange room) throws KexecPlanException {
    return image(Context.PLAIN, stub(room, Stub.Return.FOR_GOOD));
  }

  /**
   * The saver stays as it is in the original kernel's memory, which can jump into it again. The
   * plan serves one jump: whoever comes back loads one again before anything else.
   *
   * @param room pages of the running saver's RAM, so of the saver region
   * @throws KexecPlanException if the room is too small, or the jump back entry cannot be one
   */
  public KexecImage withReentry(PageRange room) throws KexecPlanException {
    return image(Context.PRESERVE_CONTEXT, stub(room, Stub.Return.WITH_REENTRY));
  }

  /**
   * The jump when the saver panics.
   *
   * @param reservation the running saver's crash reservation
   * @param processor the APIC ID of the processor on which the saver was entered
   * @param notice what is written before the jump
   * @param next where the original kernel jumps the next time; 0 = there is nobody
   * @throws KexecPlanException if the reservation is too small, or the jump back entry cannot be
   *     one
   */
  public KexecImage onCrash(
      PageRange reservation, int processor, Optional<StatusWord> notice, long next)
      throws KexecPlanException {
    checkEntry(jumpBackEntry, mode);
    PageRange log = PanicLogArea.of(reservation);
    long logFrames = notice.map(StatusWord::logFrames).orElse(0L);
    StubPages stub =
        StubPages.in(
            PanicLogArea.before(reservation),
            mode,
            Stream.concat(notice.map(StatusWord::page).stream(), Stream.of(log)).toList(),
            PanicLogArea.PAGES,
            tables ->
                new Stub.CrashBack(
                    tables,
                    processor,
                    notice.map(StatusWord::address).orElse(0L),
                    notice.map(StatusWord::value).orElse(0L),
                    next,
                    jumpBackEntry,
                    new Stub.LogCopy(
                        log.startAddress(), logFrames == 0 ? 0 : log.count(), logFrames)));
    return image(Context.ON_CRASH, stub);
  }

  /**
   * The way back for good of a kernel whose jump back entry is not known yet: it is 0 in there.
   *
   * @param next where the original kernel jumps the next time; 0 = there is nobody
   */
  static StubPages unknown(PagingMode mode, PageRange room, long next) throws KexecPlanException {
    return StubPages.in(
        room,
        mode,
        List.of(),
        0,
        tables -> new Stub.JumpBack(tables, new Stub.Return.ForGood(next), 0));
  }

  private StubPages stub(PageRange room, Stub.Return manner) throws KexecPlanException {
    checkEntry(jumpBackEntry, mode);
    return StubPages.in(
        room, mode, List.of(), 0, tables -> new Stub.JumpBack(tables, manner, jumpBackEntry));
  }

  private static KexecImage image(Context context, StubPages stub) {
    return new KexecImage(
        stub.pages().startAddress(), List.of(Segment.of(stub.content(), stub.pages())), context);
  }

  /** The stub maps the pages before and after, too. */
  static void checkEntry(long entry, PagingMode mode) throws KexecPlanException {
    if (entry < Pages.SIZE || entry >= PageTables.limit(mode) - 2L * Pages.SIZE) {
      throw KexecPlanException.of("0x%x is no jump back entry", entry);
    }
  }
}
