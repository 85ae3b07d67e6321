package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.dormouse.sleep.Arm;
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

  @Mixin private SaverFileOptions files;

  @Mixin private DryRunOption dryRun;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Arm arm = new Arm(new UserJournal(out));
    if (dryRun.isWanted()) {
      arm.dryArm(files.find()).forEach(out::println);
      return ExitCode.OK;
    }
    if (arm.arm(files.find()) instanceof Arm.Outcome.AlreadyWarm) {
      out.println(
          "a saver is warm, so the jump has worked; 'dormouse disarm' gives its memory back");
      return ExitCode.OK;
    }
    out.println("was in the saver kernel, and is back");
    arm.disarm();
    return ExitCode.OK;
  }
}
