package org.dormouse.sleep;

import java.io.IOException;
import java.util.Optional;
import org.dormouse.kexec.SaverLayout;
import org.dormouse.linux.Kexec;
import org.dormouse.machine.Finding;
import org.dormouse.machine.MachineFacts;
import org.dormouse.machine.Readiness;
import org.dormouse.memory.FreePagePolicy;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.sleep.SleepNeeds.FreeInImage;
import org.dormouse.text.ReportException;

/** In the original kernel: whether the machine can jump, and what the jump asks for. */
public final class Preflight {
  /**
   * What must stay free beyond the region while it is loaded, in bytes: the kernel's own watermarks
   * and lists.
   */
  private static final long SLACK_BYTES = 16L << 20;

  /** What a jump into a warm saver allocates, in bytes: next to nothing. */
  private static final long WARM_BYTES = 4L << 20;

  private Preflight() {}

  /**
   * Looks at the machine.
   *
   * @throws ReportException if it cannot jump
   */
  public static MachineFacts check(SaverState state) throws IOException {
    refuseKernels(state);
    MachineFacts machine = MachineFacts.observe(state.kind());
    for (Finding finding : Readiness.of(machine)) {
      if (finding.verdict() == Finding.Verdict.BAD) {
        throw new ReportException(
            finding.name() + ": " + finding.seen(),
            "Nothing was changed; the machine goes on.",
            finding.remedy());
      }
    }
    return machine;
  }

  /**
   * Other kernels that are loaded keep a saver out.
   *
   * @throws ReportException if there are some
   */
  static void refuseKernels(SaverState state) throws ReportException {
    if (state instanceof SaverState.Kernels) {
      throw new ReportException(
          "other kernels are loaded, and Linux has one place for them and for a saver",
          "Nothing was changed; the machine goes on.",
          "'dormouse kernel list' tells of them; 'dormouse kernel remove --all' ends them.");
    }
  }

  /** Unloads a saver of ours that is of no use. */
  static void unloadOurs(SaverState state) throws IOException {
    switch (state) {
      case SaverState.NotLoaded _ -> {}
      case SaverState.Kernels _ -> refuseKernels(state);
      case SaverState.Warm _, SaverState.Loaded _, SaverState.Spent _ -> Kexec.unload();
      case SaverState.Foreign _ ->
          throw new ReportException(
              "a kexec image is loaded that is not a saver of ours",
              "Nothing was changed; the machine goes on.",
              "If it is not wanted, unload it: kexec -u");
    }
  }

  /** What loading and entering a cold saver asks for; without a store. */
  static SleepNeeds needsOfJump(SaverPlanner planner) {
    PageRange low = SaverLayout.LOW_MEMORY;
    long held =
        planner.needs().pages()
            + planner.machine().ioMemory().map().ram().stream()
                .mapToLong(ram -> ram.intersect(low).count())
                .sum();
    return needs(planner, held, Pages.address(held) + SLACK_BYTES);
  }

  /** What entering a warm saver asks for; without a store. */
  static SleepNeeds needsOfWarmJump(SaverPlanner planner, SaverState.Warm warm) {
    long swapped = warm.original().swapped().stream().mapToLong(PageRange::count).sum();
    SleepNeeds cold = needs(planner, swapped, WARM_BYTES);
    return new SleepNeeds(
        cold.freeBytes(),
        cold.ramPages(),
        0,
        cold.freeAreSaved(),
        cold.files(),
        cold.storeBytes(),
        cold.wantedBytes());
  }

  private static SleepNeeds needs(SaverPlanner planner, long heldPages, long freeBytes) {
    MachineFacts machine = planner.machine();
    boolean freeIsLeftOut =
        machine.kernel().vmcoreInfo().isPresent() && planner.freePages() != FreePagePolicy.SAVED;
    return new SleepNeeds(
        freeBytes,
        machine.ioMemory().map().ramPages() - heldPages,
        heldPages,
        freeIsLeftOut ? FreeInImage.LEFT_OUT : FreeInImage.SAVED,
        Optional.empty(),
        Long.MAX_VALUE,
        Long.MAX_VALUE);
  }
}
