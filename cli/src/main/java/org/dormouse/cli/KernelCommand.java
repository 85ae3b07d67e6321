package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.dormouse.kernels.KernelList;
import org.dormouse.kernels.KernelSwitching;
import org.dormouse.kernels.Kernels;
import org.dormouse.kernels.Registration;
import org.dormouse.text.ReportException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Other kernels on the machine, and one that can jump. */
@Command(
    name = "kernel",
    description = {
      "build: builds the distribution's kernel so that it can be hibernated, where its own cannot.",
      "build-saver: builds a small kernel for the saver alone.",
      "The others are about several kernels on this machine, each with memory of its own, that take"
          + " turns: see 'dormouse switch'."
    },
    subcommands = {KernelBuildCommand.class, KernelBuildSaverCommand.class},
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT)
final class KernelCommand {
  @Spec private CommandSpec spec;

  @Command(
      name = "add",
      description =
          "Adds a kernel. It is loaded, with all others that were added, at the first switch; until"
              + " then it takes no memory.")
  int add(
      @Parameters(paramLabel = "NAME", description = "What it shall be called.") String name,
      @Option(
              names = "--kernel",
              paramLabel = "BZIMAGE",
              required = true,
              description = "The kernel. To be left again it needs CONFIG_KEXEC_JUMP.")
          Path kernel,
      @Option(
              names = {"--initrd", "--initramfs"},
              paramLabel = "FILE",
              description = "What it starts with (default: nothing).")
          Optional<Path> initrd,
      @Option(
              names = "--append",
              paramLabel = "WORDS",
              defaultValue = "",
              description = "Words for its command line: root=, console= and such.")
          String append,
      @Option(
              names = "--memory",
              paramLabel = "SIZE",
              converter = ByteSize.class,
              defaultValue = "256M",
              description = "How much memory it has (default: ${DEFAULT-VALUE}).")
          long memory,
      @Option(
              names = "--cpus",
              paramLabel = "COUNT",
              defaultValue = "1",
              description =
                  "How many CPUs it uses at most (default: ${DEFAULT-VALUE}). A panic on another CPU"
                      + " than the first cannot give the machine back.")
          int cpus,
      @Mixin DryRunOption dryRun)
      throws IOException {
    Registration added =
        new Registration(
            name, kernel.toAbsolutePath(), initrd.map(Path::toAbsolutePath), append, memory, cpus);
    if (dryRun.isWanted()) {
      kernels().dryAdd(added).forEach(out()::println);
      return ExitCode.OK;
    }
    kernels().add(added);
    out().println(name + " is added; 'dormouse switch " + name + "' enters it");
    return ExitCode.OK;
  }

  @Command(name = "list", description = "Which kernels there are, and how they stand.")
  int list() throws IOException {
    KernelList.observe().forEach(out()::println);
    return ExitCode.OK;
  }

  @Command(
      name = "load",
      description = "Loads the kernels that were added, as the first switch does otherwise.")
  int load(@Mixin DryRunOption dryRun) throws IOException {
    if (dryRun.isWanted()) {
      kernels().dryLoad().forEach(out()::println);
    } else {
      kernels().load();
    }
    return ExitCode.OK;
  }

  @Command(
      name = "remove",
      description = "Removes kernels. Those that others would be lost with are named together.")
  int remove(
      @Parameters(paramLabel = "NAME", arity = "0..*", description = "Their names.")
          List<String> names,
      @Option(names = "--all", description = "All of them.") boolean all,
      @Option(names = "--discard", description = "Also those that sleep: what they did is lost.")
          boolean discard,
      @Mixin DryRunOption dryRun)
      throws IOException {
    List<String> removed = names == null ? List.of() : names;
    if (all == !removed.isEmpty()) {
      throw new ReportException(
          "either names or --all",
          "Nothing was changed; the machine goes on.",
          "Give one of them.");
    }
    removed = all ? kernels().names() : removed;
    Kernels.Loss loss = discard ? Kernels.Loss.ACCEPTED : Kernels.Loss.REFUSED;
    String what = removed.isEmpty() ? "nothing" : String.join(", ", removed);
    if (dryRun.isWanted()) {
      kernels().dryRemove(removed, loss);
      out().println("would be removed: " + what);
    } else {
      kernels().remove(removed, loss);
      out().println("removed: " + what);
    }
    return ExitCode.OK;
  }

  @Command(
      name = "arrive",
      description =
          "In one of the other kernels, as early as its system can: prepares for a panic, and keeps"
              + " what other kernels have in use from being mounted.")
  int arrive() throws IOException {
    new KernelSwitching(new UserJournal(out())).arrive();
    return ExitCode.OK;
  }

  private Kernels kernels() {
    return new Kernels(new UserJournal(out()));
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
