package org.dormouse.lab;

import java.io.PrintWriter;
import org.dormouse.cli.ExitCode;
import org.dormouse.lab.setup.SetupException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;

/**
 * The {@code dormouse} command of a source tree: that of an installed system, and the laboratory.
 */
public final class Main {
  private Main() {}

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    CommandLine line = org.dormouse.cli.Main.commandLine();
    line.addSubcommand(new DemoCommand())
        .addSubcommand(new PackageCommand())
        .addSubcommand(new CommandLine(new LabCommand()).addSubcommand(new ShellCommand()))
        .addSubcommand(
            new CommandLine(new BenchCommand())
                .addSubcommand(new BenchSleepCommand())
                .addSubcommand(new BenchImageCommand())
                .addSubcommand(new BenchCodecsCommand())
                .addSubcommand(new BenchPagesCommand()))
        .setCaseInsensitiveEnumValuesAllowed(true);
    IExecutionExceptionHandler others = line.getExecutionExceptionHandler();
    line.setExecutionExceptionHandler(
        (error, failed, parsed) -> {
          if (error instanceof SetupException e) {
            PrintWriter err = failed.getErr();
            err.println(e.report());
            err.flush();
            return ExitCode.UNAVAILABLE;
          }
          return others.handleExecutionException(error, failed, parsed);
        });
    return line;
  }
}
