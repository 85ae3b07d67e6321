package org.dormouse.cli;

import java.io.IOException;
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

  @Mixin private BuildDialogue dialogue;

  @Override
  public Integer call() throws IOException {
    SaverKernelRequest request =
        new SaverKernelRequest(
            source, folder.toAbsolutePath(), output.toAbsolutePath(), dialogue.jobs(spec));
    SaverKernelPlan plan = SaverKernelPlan.of(request, SaverKernelFacts.observe(request));
    return dialogue.run(
        spec.commandLine().getOut(),
        plan.lines(request),
        SaverKernelPlan.FILES,
        journal -> advice(new SaverKernelBuild(plan, request, journal).run()));
  }

  private static List<String> advice(Path built) {
    return List.of(
        "built: " + built,
        "use it:   dormouse setup-machine --saver-kernel " + built,
        "go back:  dormouse setup-machine --saver-kernel own; rm " + built);
  }
}
