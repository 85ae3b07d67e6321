package org.dormouse.kernels;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.dormouse.boot.PagingMode;
import org.dormouse.kexec.JumpBack;
import org.dormouse.kexec.KernelSwitch;
import org.dormouse.kexec.KexecPlanException;
import org.dormouse.linux.CommandLine;
import org.dormouse.linux.Errno;
import org.dormouse.linux.Kexec;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.Power;
import org.dormouse.linux.Processor;
import org.dormouse.machine.DiskFacts;
import org.dormouse.machine.DiskUse;
import org.dormouse.machine.DisksInUse;
import org.dormouse.mailbox.SwitchTable;
import org.dormouse.memory.PageRange;
import org.dormouse.protocol.Journal;
import org.dormouse.protocol.KernelTable;
import org.dormouse.protocol.KernelTable.Member;
import org.dormouse.protocol.KernelTable.State;
import org.dormouse.protocol.KexecLoad;
import org.dormouse.protocol.PanicLog;
import org.dormouse.protocol.SaverFailure;
import org.dormouse.protocol.SaverWords;
import org.dormouse.sleep.JumpLock;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/** From the kernel that runs into another one, and on when this one is entered again. */
public final class KernelSwitching {
  private static final String UNTOUCHED = "Nothing was changed; the kernel goes on.";

  private final Journal journal;

  /** Tells {@code journal} how it goes. */
  public KernelSwitching(Journal journal) {
    this.journal = journal;
  }

  /**
   * Leaves for another kernel; returns when this one is entered again.
   *
   * @param target its name
   * @throws ReportException if it cannot be entered, or the kernel that was entered last has failed
   */
  public void to(String target) throws IOException {
    try (JumpLock _ = JumpLock.take();
        Switchboard board = board()) {
      KernelTable table = board.read();
      Member member = checkTarget(table, board.here(), target);
      List<DiskUse> uses = DisksInUse.of(DiskFacts.observe());
      checkDisks(uses, member);
      long reentry = board.isOriginal() ? aim(board, member) : loadWay(board, table, member);
      journal.stage("switch");
      Power.sync();
      board.write(table.leave(target, reentry, uses, System.currentTimeMillis()));
      jump(board, table);
      journal.stage("entered");
      arrive(board);
    }
  }

  /** What leaving would come to. Changes nothing. */
  public List<String> dryRun(String target) throws IOException {
    try (Switchboard board = board()) {
      KernelTable table = board.read();
      Member member = checkTarget(table, board.here(), target);
      List<DiskUse> uses = DisksInUse.of(DiskFacts.observe());
      checkDisks(uses, member);
      return List.of(
          String.format(
              "from %s into %s, which %s, at 0x%x",
              board.here(),
              target,
              member.state() == State.COLD ? "has still to start" : "goes on",
              target.equals(KernelTable.ORIGINAL) ? board.pages().jumpBackEntry() : member.entry()),
          "held for this kernel while it is away: "
              + (uses.isEmpty()
                  ? "no disk"
                  : String.join("; ", uses.stream().map(DiskUse::described).toList())));
    }
  }

  /**
   * What a kernel does when it runs for the first time, as early as it can: it prepares for a
   * panic, and holds what the others have in use.
   *
   * @throws ReportException if this is not one of several kernels
   */
  public void arrive() throws IOException {
    try (JumpLock _ = JumpLock.take();
        Switchboard board = board()) {
      arrive(board);
      journal.say("the kernel " + board.here() + " is up");
    }
  }

  private static Switchboard board() throws IOException {
    return Switchboard.open()
        .orElseThrow(
            () ->
                new ReportException(
                    "no other kernels are loaded",
                    UNTOUCHED,
                    "Add one: dormouse kernel add NAME --kernel BZIMAGE"));
  }

  private static Member checkTarget(KernelTable table, String here, String target)
      throws ReportException {
    Optional<Member> found = table.find(target);
    if (found.isEmpty()) {
      throw new ReportException(
          "there is no kernel " + target,
          UNTOUCHED,
          "There are: " + String.join(", ", table.members().stream().map(Member::name).toList()));
    }
    if (target.equals(here)) {
      throw new ReportException(
          target + " is the kernel that runs", UNTOUCHED, "There is nothing to do.");
    }
    if (found.get().state() == State.GONE) {
      throw new ReportException(
          "the kernel " + target + " is gone",
          UNTOUCHED,
          "Have it loaded anew, in the original kernel: dormouse kernel remove "
              + target
              + ", then add it again.");
    }
    return found.get();
  }

  private static void checkDisks(List<DiskUse> own, Member target) throws ReportException {
    for (DiskUse use : own) {
      for (DiskUse other : target.uses()) {
        if (use.disk().isSame(other.disk())) {
          throw new ReportException(
              use.described()
                  + ", is in use here, and in "
                  + target.name()
                  + ": "
                  + other.described(),
              UNTOUCHED,
              "Unmount it here first.");
        }
      }
    }
  }

  /** The original kernel's jumps lead through a stub, which reads where to. */
  private static long aim(Switchboard board, Member target) throws IOException {
    board.pages().setDestination(target.entry());
    return 0;
  }

  /** Loads the way to another kernel; returns where this one is entered again. */
  private static long loadWay(Switchboard board, KernelTable table, Member target)
      throws IOException {
    PagingMode mode = mode();
    PageRange room = JumpBack.room(own(board, table).region(), mode);
    long original = board.pages().jumpBackEntry();
    KernelSwitch way =
        target.name().equals(KernelTable.ORIGINAL)
            ? new KernelSwitch(original, table.dispatcher(), mode)
            : new KernelSwitch(target.entry(), original, mode);
    try {
      KexecLoad.of(way.image(room));
    } catch (KexecPlanException e) {
      throw new IOException(
          "the way to " + target.name() + " cannot be planned: " + e.getMessage(), e);
    } catch (LinuxException e) {
      throw new ReportException(
          new Report(
              "the way to " + target.name() + " could not be loaded: " + e.getMessage(),
              UNTOUCHED,
              e.errno() == Errno.EINVAL
                  ? "This kernel was built without CONFIG_KEXEC_JUMP: it can only be left for good,"
                      + " with kexec -l --type=elf-x86_64 --args-none --no-checks /way-back.elf and"
                      + " kexec -e."
                  : "Free some memory and try again."),
          e);
    }
    return KernelSwitch.reentry(room);
  }

  private static Member own(Switchboard board, KernelTable table) throws IOException {
    return table
        .find(board.here())
        .orElseThrow(() -> new IOException("the switch table has no kernel " + board.here()));
  }

  private static PagingMode mode() throws IOException {
    return Processor.read().fiveLevelPaging() ? PagingMode.FIVE_LEVEL : PagingMode.FOUR_LEVEL;
  }

  private static void jump(Switchboard board, KernelTable before) throws IOException {
    try {
      Kexec.execute();
    } catch (LinuxException e) {
      board.write(before);
      throw new ReportException(
          new Report(
              "the kernel did not jump: " + e.getMessage(),
              UNTOUCHED,
              "The kernel's log (dmesg) names the device or process that did not want to stop."),
          e);
    }
  }

  /** Behind the jump, or at the start. */
  private void arrive(Switchboard board) throws IOException {
    KernelTable table = board.read();
    PanicLog log = board.isOriginal() ? board.panicLog() : PanicLog.none();
    if (board.isOriginal()) {
      table = table.asOriginalFound(board.pages().panicked(), System.currentTimeMillis());
      board.pages().clearPanicked();
      board.write(table);
    } else {
      prepareForPanic(board, table);
    }
    DiskHolds.update(table.heldByOthers(board.here())).forEach(journal::say);
    if (board.isOriginal() && !table.happened().isEmpty()) {
      throw lost(table, log);
    }
  }

  private static ReportException lost(KernelTable table, PanicLog log) {
    List<String> alive = table.alive().stream().map(Member::name).toList();
    return SaverFailure.kernelGone(
        new Report(
            table.happened() + log.cause().map(cause -> ": " + cause).orElse(""),
            "The original kernel goes on; "
                + (alive.isEmpty()
                    ? "no other kernel sleeps."
                    : String.join(" and ", alive) + " can still be switched to."),
            log.lines().isEmpty()
                ? "What it did on its console says why."
                : "Its last lines are below; 'dormouse kernel list' tells how the others stand."),
        log);
  }

  private void prepareForPanic(Switchboard board, KernelTable table) throws IOException {
    Optional<PageRange> reservation = SaverWords.crashReservation(CommandLine.running());
    Processor processor = Processor.read();
    if (reservation.isEmpty() || processor.bootApicId().isEmpty()) {
      journal.say("a panic of this kernel would restart the machine: it has no crash reservation");
      return;
    }
    long start = SaverWords.switchTable(CommandLine.running()).orElseThrow();
    try {
      KexecLoad.of(
          new JumpBack(board.pages().jumpBackEntry(), mode())
              .onCrash(
                  reservation.get(),
                  processor.bootApicId().getAsInt(),
                  Optional.of(
                      new JumpBack.StatusWord(
                          start + SwitchTable.PANICKED_OFFSET,
                          table.number(board.here()),
                          start + SwitchTable.LOG_FRAMES_OFFSET)),
                  table.dispatcher()));
    } catch (KexecPlanException | LinuxException e) {
      journal.say("a panic of this kernel would restart the machine: " + e.getMessage());
    }
  }
}
