package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.dormouse.rebuild.KernelRebuild;
import org.dormouse.rebuild.RebuildFacts;
import org.dormouse.rebuild.RebuildPlan;
import org.dormouse.rebuild.RebuildRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Builds the distribution's kernel with the jump. */
@Command(
    name = "build",
    description = {
      "Builds a kernel that can be hibernated, for a distribution whose own cannot: Debian's, from"
          + " its source package and configuration, with the one option CONFIG_KEXEC_JUMP, as a"
          + " package that apt installs beside the stock kernel.",
      "Says first what it takes. It installs nothing. An interrupted build goes on with the same"
          + " command."
    })
final class KernelBuildCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "The configuration to begin with, plain or .xz (default: that of the running kernel, if it"
              + " is Debian's; else that of an installed linux-config-X.Y).")
  private Optional<Path> configuration = Optional.empty();

  @Mixin private ModuleOption modules;

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description =
          "Where it is built. It is kept, for the next version takes less time then (default:"
              + " /var/cache/dormouse/kernel).")
  private Path folder = RebuildRequest.FOLDER;

  @Option(
      names = "--accept",
      paramLabel = "OPTION",
      split = ",",
      description =
          "Kernel options that may come out otherwise than the distribution has them. Without it"
              + " none may, but those that are meant.")
  private Set<String> accepted = Set.of();

  @Mixin private BuildDialogue dialogue;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    RebuildRequest request =
        new RebuildRequest(
            configuration,
            modules.choice(),
            folder.toAbsolutePath(),
            dialogue.jobs(spec),
            accepted);
    RebuildFacts facts = RebuildFacts.observe(request);
    Optional<String> needless = RebuildPlan.needless(facts);
    if (needless.isPresent()) {
      out.println(needless.get());
      return ExitCode.OK;
    }
    RebuildPlan plan = RebuildPlan.of(request, facts);
    return dialogue.run(
        out,
        plan.lines(request),
        plan.files(),
        journal -> advice(new KernelRebuild(plan, request, journal).run(), plan.release()));
  }

  private static List<String> advice(Path built, String release) {
    return List.of(
        "built: " + built,
        "install it:  apt install " + built + "; then reboot into Linux " + release,
        "go back:     reboot into the stock kernel, which stays; apt remove linux-image-"
            + release);
  }
}
