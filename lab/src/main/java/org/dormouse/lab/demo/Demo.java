package org.dormouse.lab.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.dormouse.lab.guest.GuestSoftware;
import org.dormouse.lab.qemu.MachineOptions;
import org.dormouse.text.Json;

/**
 * The demonstration: a guest boots, works, sleeps, is switched off, is switched on by a new process
 * from its disks alone, and is looked over.
 */
public final class Demo {
  private static final long MIB = 1L << 20;

  /** The slowest of the workload's counters counts five times a second. */
  private static final Duration LONG_ENOUGH_TO_COUNT = Duration.ofMillis(500);

  private final DemoOptions options;
  private final Teller teller;
  private final List<Cycle> cycles = new ArrayList<>();

  /**
   * @param out where the story is told
   */
  public Demo(DemoOptions options, PrintWriter out) {
    this.options = options;
    this.teller = new Teller(out);
  }

  /**
   * Runs it. Whatever goes wrong with the guest is a {@link DemoResult.Fail}, and was told.
   *
   * @param folder an existing folder for disks and logs
   */
  public DemoResult run(GuestSoftware software, Path folder) throws InterruptedException {
    DemoResult result;
    try {
      result = story(software, folder);
    } catch (IOException | IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      teller.say("%s", message.replace("%", "%%").indent(11).strip());
      result = new DemoResult.Fail(message.lines().findFirst().orElse("for no known reason"));
    }
    return result;
  }

  /** Tells the last line of the story. */
  public void tellEnd(DemoResult result) {
    teller.end(result);
  }

  private DemoResult story(GuestSoftware software, Path folder)
      throws IOException, InterruptedException {
    MachineOptions machine = options.machine();
    try (Scenario scenario = prepare(software, machine, folder)) {
      teller.say(
          "a machine: %d MiB of RAM, %d CPUs (%s), %s, %s disks, run by %s because %s",
          machine.memoryBytes() / MIB,
          machine.cpus(),
          machine.cpuModel(),
          machine.firmware(),
          machine.diskBus(),
          machine.accelerator(),
          options.acceleratorReason());
      begin(scenario);
      for (int i = 0; i < options.cycles(); i++) {
        cycles.add(cycle(scenario));
        Optional<String> wrong = Comparison.firstWrong(cycles.getLast().findings());
        if (wrong.isPresent()) {
          return new DemoResult.Fail(wrong.get());
        }
      }
      return end(scenario);
    }
  }

  private Scenario prepare(GuestSoftware software, MachineOptions machine, Path folder)
      throws IOException, InterruptedException {
    return options.key().isPresent()
        ? Scenario.prepare(software, machine, folder, options.key().get())
        : Scenario.prepare(software, machine, folder);
  }

  private void begin(Scenario scenario) throws IOException, InterruptedException {
    double booted = scenario.boot().at().toMillis() / 1e3;
    teller.say("the guest is up, %.1f s after power-on", booted);
    if (options.key().isPresent()) {
      teller.say("%s", scenario.importKey().strip());
    }
    if (options.usedBefore().percent() > 0) {
      scenario.useMemory(options.usedBefore());
      teller.say("%d %% of its memory was used and is free again", options.usedBefore().percent());
    }
    scenario.startWorkload(options.seed());
    teller.say("it works: a Java process, two shells, a TCP connection, a timer, growing files");
    scenario.fillTo(options.fill());
    GuestState state = scenario.state();
    teller.say(
        "its memory is full to %d %%: %d MiB of known content, %d of %d MiB available",
        options.fill().percent(),
        state.number("filled_bytes") / MIB,
        state.number("MemAvailable") / MIB,
        options.machine().memoryBytes() / MIB);
  }

  private Cycle cycle(Scenario scenario) throws IOException, InterruptedException {
    GuestState before = scenario.state();
    Duration seenBefore = scenario.machine().uptime();
    teller.say(
        "before: timer %s, %s numbers received, %s lines in the file",
        before.text("ticks"), before.text("received"), before.text("file_lines"));
    String command = hibernate(scenario);
    teller.say("guest# %s", command);
    Transition asleep = scenario.sleepBy(command);
    StageLog sleepStages = asleep.stages(Transition.COMMAND);
    String saver =
        sleepStages.says("warm") ? "a saver was waiting" : "the saver was started for it";
    teller.say("QEMU has ended, %.1f s after the command (%s):", asleep.seconds(), saver);
    teller.stages(sleepStages);
    teller.say(
        "power on: a new QEMU process, the same disks; %s",
        switch (options.wake()) {
          case KEXEC -> "an ordinary boot starts the saver";
          case DIRECT -> "the boot loader starts the saver";
        });
    Transition awake = scenario.wake(options.wake());
    teller.say("awake, %.1f s after power-on:", awake.seconds());
    teller.stages(awake.stages(Transition.FIRMWARE));
    GuestState after = scenario.state();
    Duration seenAfter = scenario.machine().uptime();
    Duration wasAwake = asleep.end().minus(seenBefore).plus(seenAfter.minus(awake.end()));
    Cycle cycle =
        new Cycle(asleep, options.wake(), awake, lookOver(scenario, before, after, wasAwake));
    sayFigures(cycle);
    return cycle;
  }

  private List<Finding> lookOver(
      Scenario scenario, GuestState before, GuestState after, Duration wasAwake)
      throws IOException, InterruptedException {
    GuestState memory = scenario.verifyMemory();
    Thread.sleep(LONG_ENOUGH_TO_COUNT);
    List<Finding> findings = new ArrayList<>();
    findings.add(MemoryFinding.of(before, memory));
    findings.addAll(Comparison.of(before, after, scenario.state(), wasAwake));
    teller.say("the guest, looked over:");
    teller.findings(findings);
    return findings;
  }

  private void sayFigures(Cycle cycle) {
    cycle
        .number("image_bytes")
        .ifPresent(
            bytes ->
                teller.say(
                    "the image took %d MiB for %d MiB of RAM (%d %%)",
                    bytes / MIB,
                    options.machine().memoryBytes() / MIB,
                    100 * bytes / options.machine().memoryBytes()));
    sayCount(cycle, "pages_saved", "pages were saved");
    sayCount(cycle, "pages_zero", "hold nothing but zeros");
    sayCount(cycle, "pages_free", "were free and were left out");
  }

  private void sayCount(Cycle cycle, String name, String what) {
    cycle.number(name).ifPresent(count -> teller.say("%,d %s", count, what));
  }

  private String hibernate(Scenario scenario) {
    return scenario.hibernateCommand()
        + options.codec().map(codec -> " --codec " + codec.text()).orElse("");
  }

  private DemoResult end(Scenario scenario) throws IOException, InterruptedException {
    scenario.shutDown();
    Optional<String> errors = scenario.fileSystemErrors();
    if (errors.isPresent()) {
      teller.say("e2fsck: %s", errors.get());
      return new DemoResult.Fail("the root file system is not clean");
    }
    teller.say("shut down; e2fsck finds the root file system clean");
    return new DemoResult.Pass();
  }

  /** Every figure, as JSON. Those at the top are of the last sleep. */
  public String json(DemoResult result) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("pass", result instanceof DemoResult.Pass);
    if (result instanceof DemoResult.Fail(String why)) {
      all.put("why", why);
    }
    MachineOptions machine = options.machine();
    all.put("ram_bytes", machine.memoryBytes());
    all.put("cpus", machine.cpus());
    all.put("cpu_model", machine.cpuModel());
    all.put("firmware", machine.firmware());
    all.put("disk", machine.diskBus());
    all.put("accelerator", machine.accelerator());
    all.put("used_before_percent", options.usedBefore().percent());
    all.put("fill_percent", options.fill().percent());
    all.put("seed", options.seed());
    all.put("sealed", options.key().isPresent());
    options.codec().ifPresent(codec -> all.put("codec", codec.text()));
    if (!cycles.isEmpty()) {
      all.putAll(cycles.getLast().figures());
    }
    all.put("cycles", cycles.stream().map(Cycle::figures).toList());
    return Json.of(all);
  }
}
