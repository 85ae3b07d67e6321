package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.dormouse.sleep.Arm;
import org.dormouse.text.Quantity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Gives back the memory of a warm saver. */
@Command(
    name = "disarm",
    description = "Unloads a warm saver and gives its memory back; the next sleep is a cold one.",
    mixinStandardHelpOptions = true)
final class DisarmCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    long bytes = new Arm(new UserJournal(out)).disarm();
    out.println("no saver is loaded; " + Quantity.bytes(bytes) + " became free");
    return ExitCode.OK;
  }
}
