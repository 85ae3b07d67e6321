package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.dormouse.sleep.Arm;
import org.dormouse.text.Quantity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Gives back the memory of a warm saver. */
@Command(
    name = "disarm",
    description = "Unloads a warm saver and gives its memory back; the next sleep is a cold one.",
    mixinStandardHelpOptions = true)
final class DisarmCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private DryRunOption dryRun;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Arm arm = new Arm(new UserJournal(out));
    if (dryRun.isWanted()) {
      out.println(arm.dryDisarm());
      return ExitCode.OK;
    }
    long bytes = arm.disarm();
    out.println("no saver is loaded; " + Quantity.bytes(bytes) + " became free");
    return ExitCode.OK;
  }
}
