package org.dormouse.sleep;

import java.io.IOException;
import org.dormouse.protocol.Journal;
import org.dormouse.protocol.SaverFailure;

/**
 * In the original kernel: has a saver do something. A warm saver, if there is one; if that cannot
 * do it, a cold one, once. Whoever uses it holds the {@link JumpLock}.
 */
final class SaverUse {
  private final Journal journal;
  private final SaverPlanner planner;

  SaverUse(Journal journal, SaverPlanner planner) {
    this.journal = journal;
    this.planner = planner;
  }

  /**
   * What is done with a saver.
   *
   * @param <T> what comes of it
   */
  interface Work<T> {
    /**
     * Makes room for it, before a saver is loaded.
     *
     * @param state warm, or not loaded
     * @throws IOException if there is too little
     */
    void makeRoom(SaverState state) throws IOException;

    /**
     * Does it.
     *
     * @throws SaverFailure if this saver could not; another one may
     */
    T with(ReadySaver saver) throws IOException;
  }

  /**
   * Does it.
   *
   * @param state how a saver stands now; what is loaded is none, or ours
   * @throws IOException if it was not done. Nothing is loaded then, unless there was a warm saver
   *     before: whoever had one is left with one, if it comes back at all
   */
  <T> T run(SaverState state, Work<T> work) throws IOException {
    if (state instanceof SaverState.Warm warm && warm.isWarm(planner.software())) {
      try {
        return warm(warm, work);
      } catch (SaverFailure e) {
        if (e.why() == SaverFailure.Cause.CALLED_OFF) {
          throw e;
        }
        journal.say(
            "the warm saver could not do it: " + e.report().happened() + "; loading another one");
        Preflight.unloadOurs(state);
      }
      return cold(work);
    }
    try {
      return cold(work);
    } catch (IOException e) {
      giveBack(e);
      throw e;
    }
  }

  private <T> T warm(SaverState.Warm warm, Work<T> work) throws IOException {
    journal.fact("warm", "yes");
    work.makeRoom(warm);
    return work.with(new ReadySaver(warm.saver(), planner.original(warm.original().region())));
  }

  private <T> T cold(Work<T> work) throws IOException {
    journal.fact("warm", "no");
    SaverState state = SaverState.observe();
    Preflight.unloadOurs(state);
    work.makeRoom(new SaverState.NotLoaded());
    return work.with(new ColdStart(journal, planner).load());
  }

  /** Nobody asked for a saver to stay but for this; {@code cause} is to be reported. */
  private void giveBack(IOException cause) {
    try {
      giveBack();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /** Unloads a saver of ours that stayed, and gives its memory back. */
  void giveBack() throws IOException {
    if (!(SaverState.observe() instanceof SaverState.NotLoaded)) {
      new Arm(journal).giveBack();
    }
  }
}
