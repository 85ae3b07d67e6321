package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import org.dormouse.sleep.Arm;
import org.dormouse.sleep.KexecSteps;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The jump step by step, by the names that kexec-tools have for the steps. */
@Command(
    name = "kexec",
    description =
        "The jump step by step, for who wants to see each. docs/from-kexec-tools.md has them beside"
            + " those of kexec-tools.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT)
final class KexecCommand {
  @Spec private CommandSpec spec;

  @Command(
      name = "load",
      description =
          "Loads a saver kernel that can be jumped into and back from (kexec --load-preserve-context).")
  int load(@Mixin SaverFileOptions files, @Mixin DryRunOption dryRun) throws IOException {
    KexecSteps steps = steps();
    (dryRun.isWanted() ? steps.plan(files.find()) : steps.load(files.find()))
        .forEach(out()::println);
    return ExitCode.OK;
  }

  @Command(
      name = "execute",
      description = "Jumps into the saver that is loaded, and comes back (kexec -e).")
  int execute(@Mixin StayOptions stay, @Mixin DryRunOption dryRun) throws IOException {
    KexecSteps steps = steps();
    (dryRun.isWanted() ? steps.dryExecute() : steps.execute(stay.chosen())).forEach(out()::println);
    return ExitCode.OK;
  }

  @Command(name = "status", description = "Says what is loaded, and where.")
  int status() throws IOException {
    steps().status().forEach(out()::println);
    return ExitCode.OK;
  }

  @Command(name = "unload", description = "Unloads the saver (kexec -u).")
  int unload(@Mixin DryRunOption dryRun) throws IOException {
    Arm arm = new Arm(new UserJournal(out()));
    if (dryRun.isWanted()) {
      out().println(arm.dryDisarm());
    } else {
      arm.disarm();
    }
    return ExitCode.OK;
  }

  private KexecSteps steps() {
    return new KexecSteps(new UserJournal(out()));
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
