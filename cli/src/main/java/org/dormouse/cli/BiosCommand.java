package org.dormouse.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Calls the BIOS of the running machine. */
@Command(
    name = "bios",
    description = "Calls the machine's BIOS from the running system, in real mode.",
    subcommands = {BiosCallCommand.class, BiosMemoryMapCommand.class},
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
final class BiosCommand implements Runnable {
  @Spec private CommandSpec spec;

  /** Without a command: says what there is. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }
}
