package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.dormouse.sleep.Arm;
import org.dormouse.text.Quantity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Boots a saver ahead of a sleep. */
@Command(
    name = "arm",
    description =
        "Boots a saver kernel and comes back: it stays, warm, so that the next sleep loads and boots"
            + " nothing. It holds memory until 'dormouse disarm'.",
    mixinStandardHelpOptions = true)
final class ArmCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private SaverFileOptions files;

  @Mixin private DryRunOption dryRun;

  @Option(
      names = "--if-configured",
      description = "Does so only if /etc/dormouse.conf has arm = yes; as a boot does.")
  private boolean ifConfigured;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (ifConfigured && ConfigurationFile.read().arm() == Configuration.Arming.ON_REQUEST) {
      out.println("no saver is warmed: " + ConfigurationFile.FILE + " does not have arm = yes");
      return ExitCode.OK;
    }
    Arm arm = new Arm(new UserJournal(out));
    if (dryRun.isWanted()) {
      arm.dryArm(files.find()).forEach(out::println);
      return ExitCode.OK;
    }
    switch (arm.arm(files.find())) {
      case Arm.Outcome.AlreadyWarm _ -> out.println("a saver is warm already");
      case Arm.Outcome.Warm(long bytes) ->
          out.println("a saver is warm; it holds " + Quantity.bytes(bytes) + " of memory");
      case Arm.Outcome.NotWarm _ -> {
        out.println(
            "the saver was up and came back, but its kernel cannot be entered again: it lacks"
                + " CONFIG_KEXEC_JUMP. Sleeps will be cold ones.");
        return ExitCode.NO;
      }
    }
    return ExitCode.OK;
  }
}
