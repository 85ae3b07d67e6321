package org.dormouse.cli;

import picocli.CommandLine.Option;

/** For commands that can tell beforehand what they would do. */
final class DryRunOption {
  @Option(names = "--dry-run", description = "Checks and prints the plan; changes nothing.")
  private boolean wanted;

  /** Whether nothing is to be changed. */
  boolean isWanted() {
    return wanted;
  }
}
