package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.dormouse.rebuild.SaverKernelBuild;
import org.dormouse.rebuild.SaverKernelFacts;
import org.dormouse.rebuild.SaverKernelPlan;
import org.dormouse.rebuild.SaverKernelRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Builds Dormouse's own saver kernel. */
@Command(
    name = "build-saver",
    description = {
      "Builds Dormouse's own saver kernel: small, with the drivers of most disks in it, and without"
          + " modules. A machine's saver is its own kernel otherwise, which needs no second one to be"
          + " built and kept up to date.",
      "Says first what it takes. Nothing uses it before 'dormouse setup-machine --saver-kernel' says"
          + " so. An interrupted build goes on with the same command."
    })
final class KernelBuildSaverCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--source",
      paramLabel = "PACKAGE",
      description =
          "The package with the kernel's source, linux-source-6.12 for instance (default: the newest"
              + " that is installed).")
  private Optional<String> source = Optional.empty();

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description =
          "Where it is built. It is kept, for the next version takes less time then (default:"
              + " /var/cache/dormouse/saver-kernel).")
  private Path folder = SaverKernelRequest.FOLDER;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Where the kernel shall be (default: /boot/dormouse-saver-kernel).")
  private Path output = SaverKernelRequest.OUTPUT;

  @Mixin private JobsOption jobs;

  @Mixin private Question question;

  @Mixin private DryRunOption dryRun;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    SaverKernelRequest request =
        new SaverKernelRequest(
            source, folder.toAbsolutePath(), output.toAbsolutePath(), jobs.count(spec));
    SaverKernelPlan plan = SaverKernelPlan.of(request, SaverKernelFacts.observe(request));
    plan.lines(request).forEach(out::println);
    out.flush();
    if (dryRun.isWanted()) {
      return ExitCode.OK;
    }
    if (!question.isAgreed("Build it?")) {
      out.println("Nothing has been changed.");
      return ExitCode.NO;
    }
    Path built =
        new SaverKernelBuild(plan, request, new BuildProgress(SaverKernelPlan.FILES, out)).run();
    advice(built).forEach(out::println);
    return ExitCode.OK;
  }

  private static List<String> advice(Path built) {
    return List.of(
        "built: " + built,
        "use it:   dormouse setup-machine --saver-kernel " + built,
        "go back:  dormouse setup-machine --saver-kernel own; rm " + built);
  }
}
