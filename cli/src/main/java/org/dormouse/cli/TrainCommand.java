package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.dormouse.agent.ConsoleJournal;
import org.dormouse.linux.KernelConfig;
import org.dormouse.linux.KernelIdentity;
import org.dormouse.text.ReportException;
import org.dormouse.training.Training;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Does at build time what the other commands do on a machine that sleeps, so that the Java run-time
 * can note what that takes. Changes nothing but a file in the folder it is given.
 */
@Command(name = "train", hidden = true, description = "Used when the software is put together.")
final class TrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FOLDER")
  private Path folder;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Training.run(folder, ConsoleJournal.on(System.out));
    Daemon.practise(folder);
    ErrorReport.of(new ReportException("nothing", "", ""), ErrorReport.About.MACHINE).print(out);
    KernelIdentity kernel = KernelIdentity.running();
    out.println(kernel + ": " + KernelConfig.running(kernel).isPresent());
    return ExitCode.OK;
  }
}
