package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.dormouse.image.Image;
import org.dormouse.image.ImageDescription;
import org.dormouse.image.ImageState;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.guest.GuestRoot;
import org.dormouse.lab.guest.HostCommand;
import org.dormouse.lab.qemu.Disk;
import org.dormouse.lab.qemu.MachineOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A machine sleeps, wakes and sleeps again, and an image is refused, tried again, fails, and is
 * discarded, while every write and flush is written down. Then the power is cut at hundreds of
 * points of these logs: writes that were not flushed are lost, reordered and torn. What is left is
 * what the table in docs/image-format.md says, and three of the stores are booted from.
 */
class EveryPowerCutIT {
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final String AWAKE = "dormouse: stage awake";
  private static final String OTHER = "other";
  private static final long SEED = 6;
  private static final int POINTS = 200;

  private static TestBed bed;

  private Path folder;
  private Scenario scenario;
  private Disk root;
  private HostKey key;
  private Disk keyDisk;
  private LoggedDisk main;
  private LoggedDisk other;
  private MachineOptions logged;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  /** What was done to a store, and where in its log that begins and ends. */
  private record Step(PowerCut move, int from, int to) {}

  /** Something that writes to a store. */
  private interface Act {
    void run() throws Exception;
  }

  @Test
  void theNextBootFindsWhatTheTableSays() throws Exception {
    folder = bed.folder("every-power-cut");
    other = LoggedDisk.of(new Disk(folder.resolve("other.img"), OTHER));
    GuestRoot.writeEmptyDisk(other.disk().file(), 1 << 20);
    MachineOptions machine = bed.machine().withMemoryBytes(512L << 20).withLateDisk(other.logged());
    key = HostKey.create(folder.resolve("key"));
    try (Scenario prepared = Scenario.prepare(bed.software(), machine, folder, key.file())) {
      scenario = prepared;
      keyDisk = scenario.options().disks().get(2);
      root = scenario.options().disks().get(0);
      main = LoggedDisk.of(scenario.options().disks().get(1));
      logged = scenario.options().withDisks(List.of(root, main.logged(), keyDisk));
      // "write" is debugfs' word for copying a file into the file system.
      String copy = "write " + OrdinaryBoot.script(folder) + " wake";
      HostCommand.check(List.of("/sbin/debugfs", "-w", "-R", copy, root.file().toString()));
      Asleep first = sleep();
      boot(wakeAndSleep(first).guest());
    }
    bed.tidy(folder);
  }

  /** A machine that sleeps. */
  private record Asleep(UUID image, int entries, SameGuest guest) {}

  private Asleep sleep() throws Exception {
    scenario.bootAs(logged);
    scenario.importKey();
    scenario.startWorkload(31);
    scenario.fillTo(Fill.parse("35%"));
    return sleepAs(SameGuest.of(scenario));
  }

  private Asleep sleepAs(SameGuest guest) throws Exception {
    scenario.hibernate();
    return new Asleep(
        UUID.fromString(new StoreFile(main.disk().file()).value("image")),
        WriteLog.length(main.log()),
        guest);
  }

  /** And all that can happen to an image, to a copy of the first one; then the power is cut. */
  private Asleep wakeAndSleep(Asleep first) throws Exception {
    Path copied = folder.resolve("other-before.img");
    DiskCopies.copy(main.disk().file(), copied);
    DiskCopies.copy(main.disk().file(), other.disk().file());
    List<Step> steps = new ArrayList<>();
    refuse(steps, first.image());
    scenario.wakeAs(logged, AWAKE);
    final int woken = WriteLog.length(main.log());
    tryFailAndDiscard(steps, first.image());
    final Asleep second = sleepAs(SameGuest.of(scenario));
    giveUp(steps, first.image());
    try (Arena arena = Arena.ofShared()) {
      long start = System.nanoTime();
      CutChecks checks = cutSleepWakeAndSleep(arena, first, woken, second);
      CutChecks others = cutOthers(arena, copied, steps, first.image());
      judge(checks, others, Duration.ofNanos(System.nanoTime() - start));
    }
    return second;
  }

  private CutChecks cutSleepWakeAndSleep(Arena arena, Asleep first, int woken, Asleep second)
      throws Exception {
    WriteLog log = WriteLog.read(arena, main.log());
    Path nothing = folder.resolve("nothing.img");
    GuestRoot.writeEmptyDisk(nothing, Files.size(main.disk().file()));
    CutChecks checks = new CutChecks(CutStore.of(arena, nothing, log), log, key, SEED);
    checks.check(CutMoments.ofSleep(log, 0, first.entries(), first.image()));
    checks.keep(PowerCut.USE, found -> found.is(ImageState.CONSUMED), used());
    checks.check(CutMoments.ofWake(log, first.entries(), woken, first.image()));
    checks.keep(PowerCut.WRITE, found -> found.description().isEmpty(), torn());
    checks.keep(PowerCut.COMMIT, found -> found.is(ImageState.COMPLETE), committed());
    checks.check(CutMoments.ofSleep(log, woken, second.entries(), second.image()));
    return checks;
  }

  private CutChecks cutOthers(Arena arena, Path copied, List<Step> steps, UUID image)
      throws Exception {
    WriteLog log = WriteLog.read(arena, other.log());
    CutChecks checks = new CutChecks(CutStore.of(arena, copied, log), log, key, SEED);
    for (Step step : steps) {
      checks.check(CutMoments.of(step.move(), log, step.from(), step.to(), image));
    }
    return checks;
  }

  private Path used() {
    return folder.resolve("used.img");
  }

  private Path torn() {
    return folder.resolve("torn.img");
  }

  private Path committed() {
    return folder.resolve("committed.img");
  }

  /** On the host: what a saver does that was started in vain, or must not wake the image. */
  private void refuse(List<Step> steps, UUID image) throws Exception {
    try (LoggingStore store = LoggingStore.of(other)) {
      step(steps, PowerCut.ATTEMPT, () -> Image.countAttempt(store, image));
      step(steps, PowerCut.TAKE_BACK, () -> Image.takeBackAttempt(store, image));
      step(steps, PowerCut.BOOT_ON, () -> Image.bootOnce(store, image, "nobody knew it"));
      step(steps, PowerCut.RESTART, () -> Image.countRestart(store));
      step(steps, PowerCut.REFUSE, () -> Image.refuse(store, image, "a disk is missing"));
    }
  }

  /** In the guest: the program, and the script of an ordinary boot. */
  private void tryFailAndDiscard(List<Step> steps, UUID image) throws Exception {
    scenario.machine().plugIn(other.logged());
    String device = logged.deviceOf(OTHER);
    check("until [ -b " + device + " ]; do sleep 0.1; done");
    step(steps, PowerCut.RETRY, () -> check("dormouse image retry " + device));
    step(steps, PowerCut.FAILURE, () -> script("record_failure " + image + " 'no memory' 1"));
    // Up to the envelope, and with it.
    check("dd if=" + device + " of=/tmp/first bs=4096 count=256");
    step(
        steps,
        PowerCut.DISCARD,
        () -> script("chosen=" + device + "; read_store $chosen; discard"));
    check("dd if=/tmp/first of=" + device + " bs=4096 count=256 conv=fsync");
    step(steps, PowerCut.DISCARD, () -> check("dormouse image discard " + device));
  }

  private void script(String command) throws Exception {
    check("( WAKE_AS_LIBRARY=yes; WAKE_FOLDER=/tmp/wake; . /wake; " + command + " )");
  }

  private void check(String command) throws Exception {
    scenario.shell().check(command, LONG);
  }

  /** On the host: what a saver does whose store fails. */
  private void giveUp(List<Step> steps, UUID image) throws Exception {
    try (LoggingStore store = LoggingStore.of(other)) {
      ImageDescription description = Image.header(store).description().orElseThrow();
      Image.claim(store, image, description);
      step(steps, PowerCut.GIVE_UP, () -> Image.discard(store, "the store is full"));
    }
  }

  private void step(List<Step> steps, PowerCut move, Act act) throws Exception {
    int from = WriteLog.length(other.log());
    act.run();
    int to = WriteLog.length(other.log());
    assertThat(to).as("entries of %s", move).isGreaterThan(from);
    steps.add(new Step(move, from, to));
  }

  private void judge(CutChecks checks, CutChecks others, Duration took) throws Exception {
    Map<PowerCut, Integer> points = new EnumMap<>(checks.points());
    others.points().forEach((moment, count) -> points.merge(moment, count, Integer::sum));
    int sum = points.values().stream().mapToInt(Integer::intValue).sum();
    System.out.printf("power cut at %d points in %d s: %s%n", sum, took.toSeconds(), points);
    assertThat(points.keySet()).containsExactlyInAnyOrder(PowerCut.values());
    assertThat(sum).isGreaterThanOrEqualTo(POINTS);
    OrdinaryBoot.judges(checks.blocks(), folder);
    OrdinaryBoot.judges(others.blocks(), folder);
  }

  /** What the table says that the next boot does. */
  private void boot(SameGuest guest) throws Exception {
    DiskCopies copies = DiskCopies.of(List.of(root));
    boots(torn(), "the image was not written to its end");
    copies.putBack();
    boots(used(), "the image was used already");
    copies.putBack();
    scenario.wakeAs(with(committed()), AWAKE);
    guest.check(scenario);
    scenario.shutDown();
    assertThat(scenario.fileSystemErrors()).isEmpty();
  }

  private void boots(Path store, String told) throws Exception {
    scenario.bootAs(with(store));
    assertThat(scenario.machine().console().lines()).anyMatch(line -> line.text().contains(told));
    scenario.machine().kill();
    assertThat(scenario.fileSystemErrorsAfterPowerCut()).isEmpty();
  }

  private MachineOptions with(Path store) {
    return scenario
        .options()
        .withDisks(List.of(root, new Disk(store, main.disk().serial()), keyDisk));
  }
}
