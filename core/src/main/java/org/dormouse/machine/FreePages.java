package org.dormouse.machine;

import java.util.Optional;
import org.dormouse.linux.CommandLine;
import org.dormouse.linux.KernelConfig;
import org.dormouse.memory.FreePagePolicy;

/**
 * What a kernel counts on in its free pages, from how it was built and started: {@code
 * mem_debugging_and_hardening_init} in {@code mm/mm_init.c}.
 */
public final class FreePages {
  private FreePages() {}

  /**
   * The policy.
   *
   * <p>With {@code init_on_free} a page that is asked for zeroed is not zeroed again. With {@code
   * page_poison} it is looked at whether a free page still holds the poison.
   *
   * @param config unknown if empty: then free pages are zeroed, which is right for either setting
   */
  public static FreePagePolicy policy(CommandLine commandLine, Optional<KernelConfig> config) {
    if (switchedOn(commandLine, "page_poison").orElse(false)
        || switchedOn(commandLine, "debug_pagealloc")
            .orElse(
                config.map(known -> known.has("DEBUG_PAGEALLOC_ENABLE_DEFAULT")).orElse(false))) {
      return FreePagePolicy.SAVED;
    }
    return switchedOn(commandLine, "init_on_free")
            .orElse(config.map(known -> known.has("INIT_ON_FREE_DEFAULT_ON")).orElse(true))
        ? FreePagePolicy.ZERO
        : FreePagePolicy.ANY;
  }

  /**
   * The last value that {@code kstrtobool} in {@code lib/kstrtox.c} takes; it passes others over.
   */
  private static Optional<Boolean> switchedOn(CommandLine commandLine, String name) {
    for (String value : commandLine.values(name).reversed()) {
      if (value.matches("([yYtT1]|[oO][nN]).*")) {
        return Optional.of(true);
      }
      if (value.matches("([nNfF0]|[oO][fF]).*")) {
        return Optional.of(false);
      }
    }
    return Optional.empty();
  }
}
