package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.dormouse.sleep.Rehearse;
import org.dormouse.sleep.SleepException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Tries the jump without the sleep. */
@Command(
    name = "rehearse",
    description =
        "Jumps into the saver kernel and straight back; saves nothing, takes some seconds.",
    mixinStandardHelpOptions = true)
final class RehearseCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private SaverFiles files;

  @Override
  public Integer call() throws SleepException, IOException {
    PrintWriter out = spec.commandLine().getOut();
    new Rehearse(new UserJournal(out)).run(files.find());
    out.println("was in the saver kernel, and is back");
    return ExitCode.OK;
  }
}
