package org.dormouse.cli;

import java.time.Duration;
import java.util.Optional;
import org.dormouse.protocol.Stay;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that say how a stay in the saver kernel is to go. */
final class StayOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--shell",
      description =
          "A shell on the saver kernel's console before anything is saved; 'exit' goes on.")
  private boolean shell;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description =
          "How long the saver may take, once it is up; then it is called off and the machine goes on"
              + " (default: as long as it gets on).")
  private Optional<Integer> timeout = Optional.empty();

  /** What was chosen. */
  Stay chosen() {
    return chosen(Optional.empty());
  }

  /**
   * The same, with a limit for who has chosen none.
   *
   * @param usual in whole seconds
   */
  Stay chosen(Optional<Duration> usual) {
    if (timeout.filter(seconds -> seconds < 1).isPresent()) {
      throw new ParameterException(
          spec.commandLine(), "--timeout takes a number of seconds, 1 or more");
    }
    return new Stay(
        shell ? Stay.Shell.FIRST : Stay.Shell.NONE,
        timeout.map(seconds -> Duration.ofSeconds(seconds)).or(() -> usual),
        Optional.empty());
  }
}
