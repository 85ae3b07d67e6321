package org.dormouse.sleep;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dormouse.machine.MachineFacts;
import org.dormouse.mailbox.MailboxAnswer;
import org.dormouse.memory.PageRange;
import org.dormouse.protocol.Journal;
import org.dormouse.protocol.Original;
import org.dormouse.protocol.SaverAnswer;
import org.dormouse.protocol.SaverFailure;
import org.dormouse.protocol.SaverRecord;
import org.dormouse.protocol.SaverSoftware;
import org.dormouse.protocol.SaverTask;
import org.dormouse.protocol.Stay;
import org.dormouse.text.ReportException;

/**
 * In the original kernel: what the other use cases do in one go, step by step, for who wants to see
 * each: load a saver, enter it, come back. {@code docs/from-kexec-tools.md} shows them beside those
 * of kexec-tools.
 */
public final class KexecSteps {
  private final Journal journal;

  /** Tells {@code journal} how it goes. */
  public KexecSteps(Journal journal) {
    this.journal = journal;
  }

  /** What would be loaded, in lines for people. Changes nothing. */
  public List<String> plan(SaverSoftware software) throws IOException {
    MachineFacts machine = Preflight.check(SaverState.observe());
    try (SaverPlanner planner = new SaverPlanner(machine, software)) {
      return planner.plan(planner.place(), 0).describe();
    }
  }

  /**
   * Loads a saver that has still to boot, in place of one that is loaded.
   *
   * @return what is loaded where, in lines for people
   * @throws ReportException if the machine cannot jump, or something is loaded that is not ours
   */
  public List<String> load(SaverSoftware software) throws IOException {
    try (JumpLock _ = JumpLock.take()) {
      return loaded(software);
    }
  }

  private List<String> loaded(SaverSoftware software) throws IOException {
    journal.stage("check");
    SaverState state = SaverState.observe();
    MachineFacts machine = Preflight.check(state);
    Preflight.unloadOurs(state);
    try (SaverPlanner planner = new SaverPlanner(machine, software)) {
      new Reclaim(journal).makeRoom(Preflight.needsOfJump(planner), "the store");
      ReadySaver saver = new ColdStart(journal, planner).load();
      saver.leaveWord();
      return describe(saver.record(), saver.original());
    }
  }

  /**
   * Jumps into the saver that is loaded. Returns when this kernel goes on.
   *
   * @return what the saver said, in lines for people
   * @throws ReportException if there is none, or it came back otherwise than by a jump of its own
   */
  public List<String> execute(Stay stay) throws IOException {
    try (JumpLock _ = JumpLock.take()) {
      return executed(stay);
    }
  }

  /** What {@link #execute} would enter, in lines for people. Changes nothing. */
  public List<String> dryExecute() throws IOException {
    ReadySaver saver = loadedSaver();
    return describe(saver.record(), saver.original());
  }

  private static ReadySaver loadedSaver() throws IOException {
    SaverState state = SaverState.observe();
    return switch (state) {
      case SaverState.Loaded(SaverRecord record, Original original) ->
          new ReadySaver(record, original);
      case SaverState.Warm(SaverRecord record, Original original) ->
          new ReadySaver(record, original);
      case SaverState.NotLoaded _, SaverState.Spent _, SaverState.Foreign _, SaverState.Kernels _ ->
          throw new ReportException(
              "there is no saver that could be entered: " + state.describe(),
              "Nothing was changed; the machine goes on.",
              "Load one: dormouse kexec load");
    };
  }

  private List<String> executed(Stay stay) throws IOException {
    ReadySaver saver = loadedSaver();
    journal.stage("jump");
    try {
      return describe(saver.ask(new SaverTask.Return(), stay));
    } catch (SaverFailure e) {
      if (e.why() == SaverFailure.Cause.SILENT && stay.shell() == Stay.Shell.FIRST) {
        return List.of(
            "was in the saver kernel, and is back by a jump from its shell; it is unloaded");
      }
      throw e;
    } finally {
      journal.stage("awake");
    }
  }

  private static List<String> describe(MailboxAnswer answer) {
    List<String> lines = new ArrayList<>();
    lines.add("was in the saver kernel, and is back");
    SaverAnswer.jumpBackEntry(answer.lines())
        .ifPresent(entry -> lines.add(String.format("jump back entry  0x%x", entry)));
    lines.add(
        SaverAnswer.isWarm(answer.lines())
            ? "it can be entered again; 'dormouse kexec unload' gives its memory back"
            : "it cannot be entered again, and is unloaded");
    return lines;
  }

  /** What is loaded, in lines for people. */
  public List<String> status() throws IOException {
    SaverState state = SaverState.observe();
    List<String> lines = new ArrayList<>(List.of(state.describe()));
    switch (state) {
      case SaverState.Loaded(SaverRecord record, Original original) ->
          lines.addAll(describe(record, original));
      case SaverState.Warm(SaverRecord record, Original original) ->
          lines.addAll(describe(record, original));
      case SaverState.NotLoaded _,
          SaverState.Spent _,
          SaverState.Foreign _,
          SaverState.Kernels _ -> {}
    }
    return lines;
  }

  private static List<String> describe(SaverRecord saver, Original original) {
    PageRange region = original.region();
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            "saver region     --mem-min=0x%x --mem-max=0x%x",
            region.startAddress(), region.endAddress() - 1));
    lines.add(String.format("mailbox          0x%x", saver.mailbox()));
    for (PageRange swapped : original.swapped()) {
      lines.add("swapped out      " + swapped);
    }
    for (PageRange visible : original.visible()) {
      lines.add("seen by a saver  " + visible);
    }
    return lines;
  }
}
