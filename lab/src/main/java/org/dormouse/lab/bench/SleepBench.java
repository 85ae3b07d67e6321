package org.dormouse.lab.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.dormouse.lab.demo.GuestState;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.demo.ScenarioException;
import org.dormouse.lab.demo.StageLog;
import org.dormouse.lab.demo.Transition;
import org.dormouse.lab.demo.Wake;
import org.dormouse.lab.guest.GuestRoot;
import org.dormouse.lab.guest.GuestSoftware;
import org.dormouse.lab.guest.HostCommand;
import org.dormouse.lab.qemu.BootEntry;
import org.dormouse.lab.qemu.Disk;
import org.dormouse.lab.qemu.MachineOptions;

/**
 * Lets the contenders take turns, each on a machine of its own that is made anew, and measures.
 *
 * <p>The kernel's own hibernation gets the best conditions that it can have: no initramfs that
 * would have to be unpacked before the image is found, and swap space of RAM's size and a quarter.
 */
public final class SleepBench {
  private static final Duration QUICK = Duration.ofSeconds(60);
  private static final String SWAP_SERIAL = "dormouse-swap";

  /** What {@code kernel-hibernate} prints in the guest. */
  private static final String SWSUSP_AWAKE = "guest: awake";

  /** Sizes of blocks in {@code stat}'s {@code %b}. */
  private static final long STAT_BLOCK_BYTES = 512;

  private final BenchOptions options;
  private final GuestSoftware software;
  private final Path folder;
  private final Consumer<String> story;

  /**
   * @param folder an existing folder for disks and logs
   * @param story is told each step, in a line
   */
  public SleepBench(
      BenchOptions options, GuestSoftware software, Path folder, Consumer<String> story) {
    this.options = options;
    this.software = software;
    this.folder = folder;
    this.story = story;
  }

  /**
   * Measures, round by round.
   *
   * @throws IOException if a guest did not sleep, did not wake, or was not what it had been
   */
  public List<Measurement> run() throws IOException, InterruptedException {
    List<Measurement> all = new ArrayList<>();
    for (int round = 1; round <= options.rounds(); round++) {
      for (Contender contender : options.contenders()) {
        all.addAll(turn(contender, round));
      }
    }
    return all;
  }

  private List<Measurement> turn(Contender contender, int round)
      throws IOException, InterruptedException {
    String name = contender.name().toLowerCase(Locale.ROOT).replace('_', '-');
    Path own = Files.createDirectories(folder.resolve("round-" + round + "-" + name));
    List<Measurement> measured = new ArrayList<>();
    try (Scenario scenario = Scenario.prepare(software, options.machine(), own)) {
      switch (contender) {
        case DORMOUSE -> dormouse(scenario, measured);
        case SWSUSP_LZO -> swsusp(scenario, "lzo", measured);
        case SWSUSP_LZ4 -> swsusp(scenario, "lz4", measured);
      }
    }
    for (Measurement one : measured) {
      story.accept(
          "round %d: %s in %s s (the host's load: %s)"
              .formatted(
                  round,
                  one.what().label(),
                  Results.seconds(one.seconds()),
                  Results.seconds(one.hostLoad())));
    }
    deleteDisks(own);
    return measured;
  }

  /** A first sleep, which has to start the saver, and a second one, which finds it waiting. */
  private void dormouse(Scenario scenario, List<Measurement> measured)
      throws IOException, InterruptedException {
    scenario.boot();
    GuestState before = work(scenario);
    for (Wake how : List.of(Wake.KEXEC, Wake.DIRECT)) {
      Transition asleep = scenario.hibernate();
      StageLog stages = asleep.stages(Transition.COMMAND);
      measured.add(
          Measurement.sleep(
              stages.says("warm") ? Quantity.WARM_SLEEP : Quantity.COLD_SLEEP,
              asleep.seconds(),
              stages.stages(),
              stages.number("image_bytes").map(OptionalLong::of).orElse(OptionalLong.empty()),
              0));
      Transition awake = scenario.wake(how);
      measured.add(
          Measurement.wake(
              how == Wake.KEXEC ? Quantity.KEXEC_WAKE : Quantity.DIRECT_WAKE,
              awake.seconds(),
              awake.stages(Transition.FIRMWARE).stages(),
              lookOver(scenario, before)));
    }
  }

  private void swsusp(Scenario scenario, String compressor, List<Measurement> measured)
      throws IOException, InterruptedException {
    boolean lzo = compressor.equals("lzo");
    Path swap = scenario.imageDisk().resolveSibling("swap.img");
    long ram = options.machine().memoryBytes();
    GuestRoot.writeEmptyDisk(swap, ram + ram / 4);
    MachineOptions machine = withSwap(scenario, swap, compressor);
    String device = machine.deviceOf(SWAP_SERIAL);
    scenario.bootAs(machine);
    scenario.shell().check("mkswap " + device + " >/dev/null && swapon " + device, QUICK);
    GuestState before = work(scenario);
    Transition asleep = scenario.sleepBy("kernel-hibernate");
    long written = bytesWritten(swap);
    measured.add(
        Measurement.sleep(
            lzo ? Quantity.SWSUSP_LZO_SLEEP : Quantity.SWSUSP_LZ4_SLEEP,
            asleep.seconds(),
            SwsuspStages.SLEEP.of(asleep),
            OptionalLong.of(written),
            written - SwsuspStages.imageBytes(asleep)));
    Transition awake = scenario.wakeAs(machine, SWSUSP_AWAKE);
    measured.add(
        Measurement.wake(
            lzo ? Quantity.SWSUSP_LZO_WAKE : Quantity.SWSUSP_LZ4_WAKE,
            awake.seconds(),
            SwsuspStages.WAKE.of(awake),
            lookOver(scenario, before)));
  }

  private static MachineOptions withSwap(Scenario scenario, Path swap, String compressor) {
    MachineOptions machine = scenario.options().withDisk(new Disk(swap, SWAP_SERIAL));
    String commandLine =
        "console=ttyS0 panic=-1 no_timer_check root=%s rw resume=%s hibernate.compressor=%s"
            .formatted(scenario.rootDevice(), machine.deviceOf(SWAP_SERIAL), compressor);
    BootEntry boot = machine.bootEntry();
    return machine.withBoot(new BootEntry(boot.kernel(), Optional.empty(), commandLine));
  }

  /** The disk was an empty, sparse file: the image, and what was moved out to make room for it. */
  private static long bytesWritten(Path disk) throws IOException, InterruptedException {
    String blocks = HostCommand.check(List.of("stat", "-c", "%b", disk.toString()));
    return Long.parseLong(blocks) * STAT_BLOCK_BYTES;
  }

  private GuestState work(Scenario scenario) throws IOException, InterruptedException {
    if (options.usedBefore().percent() > 0) {
      scenario.useMemory(options.usedBefore());
    }
    scenario.startWorkload(options.seed());
    scenario.fillTo(options.fill());
    return scenario.state();
  }

  /**
   * Whether it is the same guest, with the same memory; returns the seconds the look at it took.
   */
  private static double lookOver(Scenario scenario, GuestState before)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    GuestState memory = scenario.verifyMemory();
    double seconds = (System.nanoTime() - begin) / 1e9;
    GuestState after = scenario.state();
    for (String same : List.of("boot_id", "java_pid", "filled_bytes")) {
      if (!after.text(same).equals(before.text(same))) {
        throw new ScenarioException(
            "After waking, the guest's %s is %s and was %s."
                .formatted(same, after.text(same), before.text(same)));
      }
    }
    if (memory.number("wrong_pages") != 0) {
      throw new ScenarioException(
          "After waking, %s pages are wrong.".formatted(memory.text("wrong_pages")));
    }
    return seconds;
  }

  private static void deleteDisks(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path disk : files.filter(file -> file.toString().endsWith(".img")).toList()) {
        Files.delete(disk);
      }
    }
  }
}
