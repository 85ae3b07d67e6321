package org.dormouse.lab;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.dormouse.cli.ExitCode;
import org.dormouse.lab.bench.BarChart;
import org.dormouse.lab.bench.BenchOptions;
import org.dormouse.lab.bench.Contender;
import org.dormouse.lab.bench.Results;
import org.dormouse.lab.bench.SleepBench;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.guest.GuestSoftware;
import org.dormouse.lab.qemu.AcceleratorChoice;
import org.dormouse.lab.qemu.MachineOptions;
import org.dormouse.lab.setup.CacheFolder;
import org.dormouse.lab.setup.ConsoleReporter;
import org.dormouse.lab.setup.Setup;
import org.dormouse.lab.setup.SetupException;
import org.dormouse.text.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How long sleeping and waking take, here and with the kernel's own hibernation. */
@Command(
    name = "sleep",
    description =
        "Measures sleeping and waking: Dormouse and the kernel's own hibernation (swsusp) take turns"
            + " on the same kernel, machine, guest and workload.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:measured",
      "1:a guest did not wake as what it was",
      "2:wrong options",
      "69:something needed is missing"
    },
    mixinStandardHelpOptions = true)
final class BenchSleepCommand implements Callable<Integer> {
  private static final long MIB = 1L << 20;

  @Spec private CommandSpec spec;
  @Mixin private MachineArguments machine;

  @Option(
      names = "--fill",
      paramLabel = "SHARE",
      defaultValue = "60%",
      converter = DemoCommand.FillShare.class,
      description = "How full the memory is to be (default: ${DEFAULT-VALUE}%%).")
  private Fill fill;

  @Option(
      names = "--used-before",
      paramLabel = "SHARE",
      defaultValue = "0%",
      converter = DemoCommand.FillShare.class,
      description =
          "How much of the memory is filled with random bytes and freed again before that (default:"
              + " ${DEFAULT-VALUE}%%).")
  private Fill usedBefore;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often each one's turn comes (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--only",
      paramLabel = "WHO",
      split = ",",
      defaultValue = "dormouse,swsusp-lzo,swsusp-lz4",
      converter = ContenderName.class,
      description = "Who takes part (default: ${DEFAULT-VALUE}).")
  private List<Contender> contenders = List.of();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of what the memory is filled with (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--keep", paramLabel = "DIR", description = "Leave logs there.")
  private Optional<Path> keep = Optional.empty();

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write medians and every single figure there.")
  private Optional<Path> json = Optional.empty();

  @Option(
      names = "--svg",
      paramLabel = "FILE",
      description = "Write a picture of the stages there.")
  private Optional<Path> svg = Optional.empty();

  @Override
  public Integer call() throws SetupException, IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    CacheFolder cache = CacheFolder.fromEnvironment();
    GuestSoftware software =
        new Setup(cache, ConsoleReporter.onStandardError()).provide().guestSoftware();
    AcceleratorChoice chosen = machine.chooseAccelerator(software.kernel(), cache.path());
    BenchOptions options =
        new BenchOptions(
            machine.machine(software.kernel(), chosen), usedBefore, fill, rounds, contenders, seed);
    try (WorkFolder folder =
        keep.isPresent() ? WorkFolder.kept(keep.get()) : WorkFolder.temporary(cache.path())) {
      say(out, describe(options.machine()));
      try {
        SleepBench bench = new SleepBench(options, software, folder.path(), line -> say(out, line));
        finish(options, new Results(bench.run()), out);
        return ExitCode.OK;
      } catch (IOException e) {
        folder.keep();
        say(out, "FAIL: " + e.getMessage());
        say(out, "disks and logs: " + folder.path());
        return ExitCode.NO;
      }
    }
  }

  private void finish(BenchOptions options, Results results, PrintWriter out) throws IOException {
    results.table().forEach(line -> say(out, line));
    if (json.isPresent()) {
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("ram_bytes", options.machine().memoryBytes());
      all.put("cpus", options.machine().cpus());
      all.put("cpu_model", options.machine().cpuModel());
      all.put("firmware", options.machine().firmware());
      all.put("disk", options.machine().diskBus());
      all.put("accelerator", options.machine().accelerator());
      all.put("used_before_percent", options.usedBefore().percent());
      all.put("fill_percent", options.fill().percent());
      all.put("rounds", options.rounds());
      all.putAll(results.figures());
      Files.writeString(json.get(), Json.of(all));
    }
    if (svg.isPresent()) {
      String title = "Sleeping and waking: " + describe(options.machine());
      Files.writeString(svg.get(), new BarChart(title, results.bars()).svg());
    }
  }

  private String describe(MachineOptions options) {
    String used =
        usedBefore.percent() > 0 ? ", %d %% used before".formatted(usedBefore.percent()) : "";
    return "%d MiB of RAM, %d %% full%s, %d CPUs, %s disks, %s"
        .formatted(
            options.memoryBytes() / MIB,
            fill.percent(),
            used,
            options.cpus(),
            options.diskBus(),
            options.accelerator());
  }

  private static void say(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }
}
