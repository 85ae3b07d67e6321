package org.dormouse.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.dormouse.linux.BlockDevices;
import org.dormouse.linux.CommandLine;
import org.dormouse.linux.KernelIdentity;
import org.dormouse.loader.BootLoader;
import org.dormouse.machine.Finding;
import org.dormouse.machine.MachineFacts;
import org.dormouse.machine.Readiness;
import org.dormouse.setup.Setup;
import org.dormouse.setup.SetupFacts;
import org.dormouse.setup.SetupPlan;
import org.dormouse.setup.SetupWishes;
import org.dormouse.sleep.SaverState;
import org.dormouse.stores.CreateStore;
import org.dormouse.stores.NamedStore;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Sets the machine up, so that its own ways of hibernating are Dormouse's. */
@Command(
    name = "setup-machine",
    description = {
      "Sets this machine up: systemctl hibernate, the lid, the power key and menus have Dormouse do it,"
          + " and the next boot wakes what sleeps. Says what it will change, and asks.",
      "What it does is remembered, and --undo takes exactly that back, and what came of it: the"
          + " savers of kernels that were installed since."
    },
    mixinStandardHelpOptions = true)
final class SetupMachineCommand implements Callable<Integer> {
  private static final Path ROOT = Path.of("/");
  private static final String UNTOUCHED = "Nothing was changed; the machine goes on.";

  /** What a person says to a question. */
  enum Choice {
    YES,
    NO;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec private CommandSpec spec;

  @Option(
      names = "--store",
      paramLabel = "STORE",
      description =
          "Where images go: a partition that can be spared, all of which is lost; or a file, which is"
              + " made if it is not there (default: what /etc/dormouse.conf says, or dormouse.resume="
              + " on the kernel's command line).")
  private Optional<String> store = Optional.empty();

  @Option(
      names = "--store-size",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      description =
          "How large a file for images is made, e.g. 8G, if --store names one that is not there"
              + " (default: what all memory takes).")
  private Optional<Long> storeSize = Optional.empty();

  @Option(
      names = "--arm",
      paramLabel = "yes|no",
      description = "Warm a saver at each boot, or do not: the key 'arm' of /etc/dormouse.conf.")
  private Optional<Choice> arm = Optional.empty();

  @Option(
      names = "--direct",
      paramLabel = "yes|no",
      description =
          "Have the boot loader start the saver when the machine sleeps, or do not: the key 'direct'.")
  private Optional<Choice> direct = Optional.empty();

  @Option(
      names = "--saver-kernel",
      paramLabel = "own|FILE",
      description =
          "What the saver runs: this machine's own kernel, or one that 'dormouse kernel build-saver'"
              + " made: the key 'saver-kernel'.")
  private Optional<String> saverKernel = Optional.empty();

  @Option(names = "--yes", description = "Does not ask.")
  private boolean yes;

  @Option(names = "--undo", description = "Takes back what was set up.")
  private boolean undo;

  @Mixin private DryRunOption dryRun;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Consumer<String> say =
        line -> {
          out.println(line);
          out.flush();
        };
    Setup setup = new Setup(ROOT, new SetupActs(say), say);
    return undo ? undo(setup, out) : setUp(setup, out);
  }

  private int setUp(Setup setup, PrintWriter out) throws IOException {
    SetupFacts facts = observe();
    SetupPlan plan = SetupPlan.of(facts, wishes());
    out.println(
        facts.distribution().name()
            + ", kernel "
            + facts.release()
            + ", initramfs by "
            + facts.initramfsTool().title()
            + "; "
            + facts.bootLoader().describe());
    print(out, "This will be changed:", plan.steps().stream().map(s -> s.describe()).toList());
    plan.notes().forEach(out::println);
    if (!goesOn(out)) {
      return dryRun.isWanted() ? ExitCode.OK : ExitCode.NO;
    }
    setup.carryOut(plan);
    out.println(
        "The machine is set up. 'systemctl hibernate' sends it to sleep; 'dormouse setup-machine"
            + " --undo' takes all back.");
    return ExitCode.OK;
  }

  private int undo(Setup setup, PrintWriter out) throws IOException {
    if (!setup.isDone()) {
      out.println("nothing was set up, so there is nothing to take back");
      return ExitCode.OK;
    }
    print(out, "This will be taken back:", setup.describeUndo());
    if (!goesOn(out)) {
      return dryRun.isWanted() ? ExitCode.OK : ExitCode.NO;
    }
    Setup.Undone undone = setup.undo();
    if (!undone.failed().isEmpty()) {
      ErrorReport report = failed(undone);
      report.print(spec.commandLine().getErr());
      return report.exitCode();
    }
    if (!undone.isWhole()) {
      out.println("All else is as it was before.");
      return ExitCode.NO;
    }
    out.println("The machine is as it was before.");
    return ExitCode.OK;
  }

  private static ErrorReport failed(Setup.Undone undone) {
    return new ErrorReport(
        new Report(
            "not everything could be taken back: " + undone.failed().size() + " of it failed",
            "What failed is still remembered; all else is as it was before, but for what is named"
                + " above as left.",
            "Mend what is said below, then run 'dormouse setup-machine --undo' again."),
        undone.failed().stream().flatMap(String::lines).toList(),
        ExitCode.IO);
  }

  private static void print(PrintWriter out, String title, List<String> lines) {
    out.println(title);
    lines.forEach(line -> out.println("  " + line));
    out.flush();
  }

  /** Whether to do it: a person was asked, or did not want to be. */
  private boolean goesOn(PrintWriter out) throws IOException {
    if (dryRun.isWanted()) {
      return false;
    }
    if (yes) {
      return true;
    }
    out.print("Go on? [y/N] ");
    out.flush();
    String answer =
        new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
    if (answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y")) {
      return true;
    }
    out.println("Nothing was changed.");
    return false;
  }

  private static SetupFacts observe() throws IOException {
    return observe(MachineFacts.observe(SaverState.observe().kind()));
  }

  /** What matters for a setup of a machine that was looked at. */
  static SetupFacts observe(MachineFacts machine) throws IOException {
    Configuration configuration = ConfigurationFile.read();
    Optional<String> store = CommandLine.running().value(Readiness.STORE_WORD);
    return SetupFacts.observe(
        ROOT,
        KernelIdentity.running().release(),
        BootLoader.observe(),
        store.isPresent() ? store : configuration.store(),
        Readiness.ofKernel(machine).stream()
            .filter(finding -> finding.verdict() == Finding.Verdict.BAD)
            .toList());
  }

  private SetupWishes wishes() throws IOException {
    Map<String, String> keys = new HashMap<>();
    arm.ifPresent(wanted -> keys.put("arm", wanted.word()));
    direct.ifPresent(wanted -> keys.put("direct", wanted.word()));
    if (saverKernel.isPresent()) {
      keys.put("saver-kernel", checked(saverKernel.get()));
    }
    if (store.isEmpty()) {
      return new SetupWishes(Optional.empty(), keys);
    }
    Path path = Path.of(store.get());
    if (!path.isAbsolute()) {
      throw new ReportException(
          store.get() + " does not begin with /",
          UNTOUCHED,
          "Name a partition that can be spared, as /dev/NAME or /dev/disk/by-…, or a file.");
    }
    return new SetupWishes(Optional.of(new SetupWishes.Store(store.get(), kind(path))), keys);
  }

  /** A saver kernel that can be one, or the word for the machine's own. */
  private static String checked(String kernel) throws IOException {
    if (!kernel.equals(Configuration.OWN_KERNEL)) {
      SaverFileOptions.check(Path.of(kernel));
    }
    return kernel;
  }

  private SetupWishes.Kind kind(Path path) throws IOException {
    if (Files.isRegularFile(path) || (Files.exists(path) && BlockDevices.isBlockDevice(path))) {
      NamedStore there = NamedStore.find(path.toString());
      // First whether it is in use: then what it holds is nobody's to clear.
      there.openForWriting().close();
      there.checkContents();
      there.checkFor(ConfigurationFile.isSealed(), 0);
      return new SetupWishes.Kind.Present();
    }
    if (Files.exists(path) || path.startsWith("/dev")) {
      throw new ReportException(
          path + " is no block device, and no file", UNTOUCHED, "Name another store.");
    }
    OptionalLong bytes = storeSize.map(OptionalLong::of).orElse(OptionalLong.empty());
    if (Files.isDirectory(path.getParent())) {
      SetupActs.checkStore(path, bytes);
      if (CreateStore.isBelowEncryption(path.getParent()) && !ConfigurationFile.isSealed()) {
        throw new ReportException(
            path
                + " would lie on an encrypted volume, and images, written past that, are not sealed:"
                + " there is no key",
            UNTOUCHED,
            "Make one first: dormouse key create. A wake asks for its passphrase, and for no other:"
                + " the disk's own is a good choice.");
      }
    }
    return new SetupWishes.Kind.ToMake(bytes);
  }
}
