package org.dormouse.sleep;

import java.io.IOException;

/**
 * In the original kernel: into the saver kernel and straight back, without saving anything. Shows
 * whether kernel, devices and drivers of a machine bear a jump.
 */
public final class Rehearse {
  private final Journal journal;

  /** Tells {@code journal} how it goes. */
  public Rehearse(Journal journal) {
    this.journal = journal;
  }

  /**
   * Jumps, and returns when the machine is back.
   *
   * @throws SleepException if the machine cannot jump; nothing is loaded then
   */
  public void run(SaverSoftware software) throws SleepException, IOException {
    journal.stage("check");
    try (SaverJump jump = SaverJump.prepare(MachineFacts.observe(), software, journal)) {
      jump.makeRoom();
      journal.stage("plan");
      SaverPlan plan = jump.plan(new SaverTask.Rehearse());
      journal.stage("load");
      jump.load(plan);
      journal.stage("jump");
      jump.jump();
      journal.stage("awake");
    }
  }
}
