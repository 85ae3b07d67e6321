package org.dormouse.machine;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.dormouse.linux.Processor;
import org.dormouse.linux.Processor.Model;

/**
 * Whether a processor can go on with what another one has begun. A kernel chooses its code by the
 * processor's features when it starts, and does not look again.
 */
public final class ProcessorCheck {
  /**
   * Flags of {@code arch/x86/include/asm/cpufeatures.h} that say how a kernel uses the processor,
   * or how it was started, not what the processor can do.
   */
  private static final Set<String> SETTINGS =
      Set.of(
          "la57",
          "pti",
          "ospke",
          "rep_good",
          "nopl",
          "xtopology",
          "cpuid",
          "tsc_known_freq",
          "tsc_reliable",
          "sgx",
          "sgx_lc",
          "vmx",
          "svm");

  private ProcessorCheck() {}

  /** Compares the processor on which an image was made with the one that would wake it. */
  public static List<Finding> compare(Processor sleeping, Processor waking) {
    return List.of(model(sleeping.model(), waking.model()), flags(sleeping, waking));
  }

  private static Finding model(Model sleeping, Model waking) {
    if (sleeping.equals(waking)) {
      return Finding.good("processor", "still " + sleeping);
    }
    String seen = "slept on " + sleeping + ", this is " + waking;
    return new Model(sleeping.vendor(), sleeping.family(), sleeping.number(), waking.stepping())
            .equals(waking)
        ? Finding.warning(
            "processor", seen, "wake it on the processor that it slept on, if you can")
        : Finding.bad("processor", seen, "wake it on the processor that it slept on");
  }

  private static Finding flags(Processor sleeping, Processor waking) {
    Set<String> missing = new TreeSet<>(sleeping.flags());
    missing.removeAll(waking.flags());
    missing.removeAll(SETTINGS);
    return missing.isEmpty()
        ? Finding.good("processor features", "all that were there are there")
        : Finding.bad(
            "processor features",
            "this processor lacks " + String.join(", ", missing),
            "wake it on the processor that it slept on, with the same firmware settings");
  }
}
