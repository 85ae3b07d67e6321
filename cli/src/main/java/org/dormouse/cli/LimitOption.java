package org.dormouse.cli;

import java.time.Duration;
import java.util.Optional;
import org.dormouse.physical.PhysicalCall;
import picocli.CommandLine.Option;

/** How long a program may take that runs on the bare processor. */
final class LimitOption {
  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "Ends it after so long (default: never; the machine stands still meanwhile).")
  private Optional<Double> seconds = Optional.empty();

  /** The same call with the limit. */
  PhysicalCall on(PhysicalCall call) {
    return seconds
        .map(most -> call.withLimit(Duration.ofMillis(Math.round(most * 1e3))))
        .orElse(call);
  }
}
