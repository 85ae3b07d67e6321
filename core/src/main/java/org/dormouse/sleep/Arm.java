package org.dormouse.sleep;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dormouse.linux.Kexec;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.linux.SharedMemory;
import org.dormouse.machine.MachineFacts;
import org.dormouse.mailbox.Mailbox;
import org.dormouse.mailbox.MailboxAnswer;
import org.dormouse.protocol.Journal;
import org.dormouse.protocol.SaverAnswer;
import org.dormouse.protocol.SaverSoftware;
import org.dormouse.protocol.SaverTask;
import org.dormouse.protocol.Stay;
import org.dormouse.text.Quantity;
import org.dormouse.text.ReportException;

/**
 * In the original kernel: has a saver booted ahead of a sleep, and gives one back that is not
 * wanted any more.
 */
public final class Arm {
  private final Journal journal;

  /** Tells {@code journal} how it goes. */
  public Arm(Journal journal) {
    this.journal = journal;
  }

  /** What arming came to. */
  public sealed interface Outcome {
    /** There is a warm saver already; nothing was done. */
    record AlreadyWarm() implements Outcome {}

    /**
     * There is a warm saver now.
     *
     * @param bytes the memory that it holds
     */
    record Warm(long bytes) implements Outcome {}

    /** The saver was up and came back, but its kernel cannot be entered again. */
    record NotWarm() implements Outcome {}
  }

  /** What {@link #arm} would do, in lines for people. Changes nothing. */
  public List<String> dryArm(SaverSoftware software) throws IOException {
    SaverState state = SaverState.observe();
    List<String> lines = new ArrayList<>();
    lines.add(state.describe());
    if (!state.isWarm(software)) {
      try (SaverPlanner planner = new SaverPlanner(Preflight.check(state), software)) {
        lines.addAll(planner.plan(planner.place(), 0).describe());
      }
    }
    return lines;
  }

  /**
   * Jumps into a saver and back; it stays, warm.
   *
   * @throws ReportException if the machine cannot jump; nothing stays loaded then
   */
  public Outcome arm(SaverSoftware software) throws IOException {
    try (JumpLock _ = JumpLock.take()) {
      return armed(software);
    }
  }

  private Outcome armed(SaverSoftware software) throws IOException {
    journal.stage("check");
    SaverState state = SaverState.observe();
    if (state.isWarm(software)) {
      return new Outcome.AlreadyWarm();
    }
    MachineFacts machine = Preflight.check(state);
    Preflight.unloadOurs(state);
    long before = MemoryInfo.read().free();
    try (SaverPlanner planner = new SaverPlanner(machine, software)) {
      new Reclaim(journal).makeRoom(Preflight.needsOfJump(planner), "the store");
      ReadySaver saver = new ColdStart(journal, planner).load();
      journal.stage("jump");
      MailboxAnswer answer = saver.ask(new SaverTask.Return(), Stay.USUAL);
      journal.stage("awake");
      boolean warm = SaverAnswer.isWarm(answer.lines());
      journal.fact("warm", warm ? "yes" : "no");
      return warm
          ? new Outcome.Warm(Math.max(0, before - MemoryInfo.read().free()))
          : new Outcome.NotWarm();
    }
  }

  /**
   * Unloads the saver and gives its memory back.
   *
   * @return how much memory became free, in bytes; 0 if there was no saver
   * @throws ReportException if something is loaded that is not ours
   */
  public long disarm() throws IOException {
    try (JumpLock _ = JumpLock.take()) {
      return giveBack();
    }
  }

  /** What {@link #disarm} would unload, for people. Changes nothing. */
  public String dryDisarm() throws IOException {
    return ours().describe();
  }

  /** How a saver of ours stands; whatever else is loaded is refused. */
  private static SaverState ours() throws IOException {
    SaverState state = SaverState.observe();
    Preflight.refuseKernels(state);
    if (state instanceof SaverState.Foreign) {
      throw new ReportException(
          "a kexec image is loaded that is not a saver of ours",
          "Nothing was changed.",
          "If it is not wanted, unload it: kexec -u");
    }
    return state;
  }

  /** The same as {@link #disarm} for who holds the lock. */
  long giveBack() throws IOException {
    SaverState state = ours();
    long before = MemoryInfo.read().free();
    if (!(state instanceof SaverState.NotLoaded)) {
      Kexec.unload();
    }
    SharedMemory.remove(Mailbox.KEY);
    long freed = Math.max(0, MemoryInfo.read().free() - before);
    journal.say("gave back " + Quantity.bytes(freed));
    return freed;
  }
}
