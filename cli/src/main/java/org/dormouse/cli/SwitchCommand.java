package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.dormouse.kernels.KernelSwitching;
import org.dormouse.kernels.Kernels;
import org.dormouse.kernels.Registration;
import org.dormouse.linux.CommandLine;
import org.dormouse.protocol.SaverSoftware;
import org.dormouse.protocol.SaverWords;
import org.dormouse.text.ReportException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Works in another kernel. */
@Command(
    name = "switch",
    description =
        "Stops this kernel where it is and goes into another one; 'dormouse switch' there comes back.",
    mixinStandardHelpOptions = true)
final class SwitchCommand implements Callable<Integer> {
  private static final String SHELL = "shell";

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "NAME",
      arity = "0..1",
      description = "The kernel, by its name in 'dormouse kernel list'.")
  private Optional<String> name = Optional.empty();

  @Option(
      names = "--shell",
      description =
          "Into a rescue shell: a kernel called 'shell', from the saver's kernel and initramfs, that"
              + " mounts nothing.")
  private boolean shell;

  @Mixin private SaverFileOptions files;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      defaultValue = "256M",
      description = "How much memory the rescue shell has (default: ${DEFAULT-VALUE}).")
  private long memory;

  @Option(
      names = "--append",
      paramLabel = "WORDS",
      defaultValue = "",
      description = "Words for the rescue shell's command line.")
  private String append;

  @Mixin private DryRunOption dryRun;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (shell == name.isPresent()) {
      throw new ReportException(
          "either a name or --shell",
          "Nothing was changed; the kernel goes on.",
          "Give one of them.");
    }
    String target = name.orElse(SHELL);
    KernelSwitching switching = new KernelSwitching(new UserJournal(out));
    boolean ready = SaverWords.switchTable(CommandLine.running()).isPresent() || load(out);
    if (dryRun.isWanted() && ready) {
      switching.dryRun(target).forEach(out::println);
    } else if (!dryRun.isWanted()) {
      switching.to(target);
    }
    return ExitCode.OK;
  }

  /**
   * In the original kernel: adds and loads what is missing, or shows that; whether all is loaded.
   */
  private boolean load(PrintWriter out) throws IOException {
    Kernels kernels = new Kernels(new UserJournal(out));
    boolean missing = shell && !kernels.has(SHELL);
    if (!dryRun.isWanted()) {
      if (missing) {
        kernels.add(rescueShell());
      }
      kernels.load();
      return true;
    }
    if (missing) {
      kernels.dryAdd(rescueShell()).forEach(out::println);
      return false;
    }
    kernels.dryLoad().forEach(out::println);
    return kernels.isLoaded();
  }

  private Registration rescueShell() throws IOException {
    SaverSoftware software = files.find();
    // The files are all in the initramfs, which as a tmpfs could only have half of the memory.
    String words = "quiet rootfstype=ramfs " + append;
    return new Registration(
        SHELL,
        software.kernel().toAbsolutePath(),
        Optional.of(software.initramfs().toAbsolutePath()),
        words.strip(),
        memory,
        1);
  }
}
