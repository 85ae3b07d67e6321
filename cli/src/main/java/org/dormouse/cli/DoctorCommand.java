package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.dormouse.linux.Bios;
import org.dormouse.linux.SuspendToRam;
import org.dormouse.machine.Finding;
import org.dormouse.machine.MachineFacts;
import org.dormouse.machine.Readiness;
import org.dormouse.machine.Uses;
import org.dormouse.protocol.SaverSoftware;
import org.dormouse.seal.MachineKey;
import org.dormouse.setup.FirstWake;
import org.dormouse.setup.Setup;
import org.dormouse.sleep.SaverState;
import org.dormouse.store.Store;
import org.dormouse.stores.NamedStore;
import org.dormouse.stores.NextBoot;
import org.dormouse.text.Quantity;
import org.dormouse.text.ReportException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says whether this machine can sleep, and what else the jump can do on it. */
@Command(
    name = "doctor",
    description =
        "Can this machine sleep? What is missing, and how to get it; and what else it can do.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  /** The BIOS's services for a screen: every BIOS has them. */
  private static final int ANY_INTERRUPT = 0x10;

  @Spec private CommandSpec spec;

  @Mixin private SaverFileOptions files;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    SaverState state = SaverState.observe();
    MachineFacts machine = MachineFacts.observe(state.kind());
    List<Finding> findings = new ArrayList<>(Readiness.of(machine));
    findings.add(saverFiles());
    Finding configuration = configuration();
    findings.add(configuration);
    if (configuration.verdict() != Finding.Verdict.BAD) {
      // It may name the key, and the store.
      findings.add(sealing());
      store().ifPresent(findings::add);
    }
    findings.add(Finding.good("warm saver", state.describe()));
    findings.addAll(Uses.of(machine, SuspendToRam.read(), Bios.behind(ANY_INTERRUPT)));
    Daemon.describe().ifPresent(told -> findings.add(Finding.good("daemon", told)));
    findings.forEach(finding -> print(out, finding));
    boolean ready = Readiness.isReady(findings);
    out.println(ready ? "This machine can sleep." : "This machine cannot sleep yet.");
    if (configuration.verdict() != Finding.Verdict.BAD) {
      out.println("The way to its first wake, from here:");
      firstWake(machine).forEach(step -> out.println("  - " + step));
    }
    return ready ? ExitCode.OK : ExitCode.NO;
  }

  private static List<String> firstWake(MachineFacts machine) throws IOException {
    Set<FirstWake.Deed> done = EnumSet.noneOf(FirstWake.Deed.class);
    if (Files.exists(ConfigurationFile.read().keyFile())) {
      done.add(FirstWake.Deed.KEY);
    }
    if (Setup.isDone(Path.of("/"))) {
      done.add(FirstWake.Deed.SETUP);
    }
    return FirstWake.steps(SetupMachineCommand.observe(machine), done);
  }

  private static Finding configuration() throws IOException {
    try {
      Configuration configuration = ConfigurationFile.read();
      String file = ConfigurationFile.FILE.toString();
      if (configuration.equals(Configuration.DEFAULTS)) {
        return Finding.good("configuration", file + " leaves all as it is by default");
      }
      return Finding.good(
          "configuration",
          configuration
              .store()
              .map(store -> file + " has images go to " + store)
              .orElse(file + " is in order, and names no store"));
    } catch (ReportException e) {
      return Finding.bad("configuration", e.report().happened(), e.report().remedy());
    }
  }

  /** The store of this machine, if one is named: where it is, and whether it is still there. */
  private static Optional<Finding> store() throws IOException {
    Configuration configuration = ConfigurationFile.read();
    Optional<String> named = StoreCommand.named(configuration);
    if (named.isEmpty()) {
      return Optional.empty();
    }
    try {
      NamedStore found = NamedStore.find(named.get());
      found.checkContents();
      found.checkFor(ConfigurationFile.isSealed(), 0);
      NextBoot.check(found);
      try (Store store = found.openForReading()) {
        return Optional.of(
            Finding.good(
                "store",
                named.get()
                    + ", "
                    + Quantity.bytes(store.size())
                    + ", is at "
                    + found.location()
                    + "; the next boot looks there"));
      }
    } catch (ReportException e) {
      return Optional.of(Finding.bad("store", e.report().happened(), e.report().remedy()));
    }
  }

  private static Finding sealing() throws IOException {
    try {
      Optional<MachineKey> key = ConfigurationFile.machineKey(ConfigurationFile.read());
      if (key.isEmpty()) {
        return Finding.warning(
            "sealing",
            "images are not sealed: whoever has the disk can read the memory of a machine that"
                + " sleeps",
            "dormouse key create");
      }
      try (MachineKey machine = key.get()) {
        return Finding.good(
            "sealing", "images are sealed; a wake asks for " + KeyCommand.asked(machine));
      }
    } catch (ReportException e) {
      return Finding.bad("sealing", e.report().happened(), e.report().remedy());
    }
  }

  private Finding saverFiles() throws IOException {
    try {
      SaverSoftware found = files.find();
      return Finding.good("saver", "is " + found.kernel() + " with " + found.initramfs());
    } catch (ReportException e) {
      return Finding.bad("saver", e.report().happened(), e.report().remedy());
    }
  }

  private static void print(PrintWriter out, Finding finding) {
    String mark =
        switch (finding.verdict()) {
          case GOOD -> "ok     ";
          case WARNING -> "warning";
          case BAD -> "missing";
        };
    out.printf("%s  %s: %s%n", mark, finding.name(), finding.seen());
    if (!finding.remedy().isEmpty()) {
      out.printf("         %s%n", finding.remedy());
    }
  }
}
