package org.dormouse.lab.demo;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.dormouse.lab.guest.GuestRoot;
import org.dormouse.lab.guest.GuestSoftware;
import org.dormouse.lab.guest.HostCommand;
import org.dormouse.lab.qemu.BootEntry;
import org.dormouse.lab.qemu.CommandResult;
import org.dormouse.lab.qemu.Disk;
import org.dormouse.lab.qemu.Machine;
import org.dormouse.lab.qemu.MachineException;
import org.dormouse.lab.qemu.MachineOptions;
import org.dormouse.lab.qemu.RunningCommand;
import org.dormouse.lab.qemu.SerialLine;
import org.dormouse.lab.qemu.Shell;
import org.dormouse.lab.workload.Workload;

/**
 * A machine with a root disk and a disk for the image, and what is done to it. A test of a sleep
 * reads:
 *
 * <pre>
 * try (Scenario scenario = Scenario.prepare(software, machine, folder)) {
 *   scenario.boot();
 *   scenario.startWorkload(42);
 *   scenario.fillTo(Fill.parse("60%"));
 *   GuestState before = scenario.state();
 *   scenario.hibernate();
 *   scenario.wake(Wake.KEXEC);
 *   …
 * }
 * </pre>
 */
public final class Scenario implements AutoCloseable {
  private static final String ROOT_SERIAL = "dormouse-root";
  private static final String IMAGE_SERIAL = "dormouse-image";
  private static final String KEY_SERIAL = "dormouse-key";
  private static final long KEY_DISK_BYTES = 1L << 20;

  private static final Duration BOOT = Duration.ofMinutes(2);
  private static final Duration QUICK = Duration.ofSeconds(60);
  private static final Duration LONG = Duration.ofMinutes(4);
  private static final Duration GLANCE = Duration.ofMillis(50);

  /** The console's line that says that the guest goes on. */
  public static final String AWAKE = "dormouse: stage awake";

  private static final String READY = "guest: ready";

  /** What the virtual machine needs that fills the rest, and some room for the kernel. */
  private static final long LEFT_WHEN_USED = 112L << 20;

  /** What is filled only after another look: more than filling takes of its own. */
  private static final long LAST_PART = 128L << 20;

  private static final String MEMORY =
      "awk '{ sub(\":\", \"\", $1); print $1 \"=\" $2 * 1024 }' /proc/meminfo";

  private final MachineOptions options;
  private final Path folder;
  private int powerOns;
  private Optional<Machine> machine = Optional.empty();
  private Optional<RunningCommand> sleeping = Optional.empty();

  private Scenario(MachineOptions options, Path folder) {
    this.options = options;
    this.folder = folder;
  }

  /**
   * Makes the disks.
   *
   * @param machine of any size and make; disks, initramfs and the kernel's command line are added
   * @param folder an existing folder for disks and logs
   */
  public static Scenario prepare(GuestSoftware software, MachineOptions machine, Path folder)
      throws IOException, InterruptedException {
    Path root = folder.resolve("root.img");
    Path image = folder.resolve("image.img");
    new GuestRoot(software, labClasses()).writeTo(root);
    GuestRoot.writeEmptyDisk(
        image, machine.diskBus().diskBytes(imageDiskBytes(machine.memoryBytes())));
    MachineOptions withDisks =
        machine
            .withKernel(software.kernel())
            .withInitramfs(software.bootInitramfs())
            .withDisk(new Disk(root, ROOT_SERIAL))
            .withDisk(new Disk(image, IMAGE_SERIAL));
    return new Scenario(withDisks.withAppend(commandLine(withDisks)), folder);
  }

  /**
   * Likewise, with a disk that has nothing but a key file: it opens the machine's sealed images.
   *
   * @param key a key file of the host's
   */
  public static Scenario prepare(
      GuestSoftware software, MachineOptions machine, Path folder, Path key)
      throws IOException, InterruptedException {
    Path disk = folder.resolve("key.img");
    GuestRoot.writeEmptyDisk(disk, KEY_DISK_BYTES);
    Files.write(disk, Files.readAllBytes(key), StandardOpenOption.WRITE);
    Scenario scenario = prepare(software, machine, folder);
    return new Scenario(scenario.options.withDisk(new Disk(disk, KEY_SERIAL)), folder);
  }

  /** Has the guest seal its images for the key on the disk of its own. */
  public String importKey() throws IOException, InterruptedException {
    return shell().check("dormouse key import " + options.deviceOf(KEY_SERIAL), LONG);
  }

  /** Room for all of memory, should none of it compress, and for what an image needs besides. */
  private static long imageDiskBytes(long memoryBytes) {
    return memoryBytes + memoryBytes / 16 + (64L << 20);
  }

  // no_timer_check: on a host that is busy, an emulated timer may be late when the kernel tries it.
  private static String commandLine(MachineOptions machine) {
    return "console=ttyS0 panic=-1 no_timer_check root=%s rw dormouse.resume=%s %s"
        .formatted(machine.deviceOf(ROOT_SERIAL), machine.deviceOf(IMAGE_SERIAL), machine.append())
        .strip();
  }

  /** The class files or the jar that the workload's classes come from. */
  private static Path labClasses() throws IOException {
    try {
      return Path.of(Workload.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException("cannot find the lab's own classes", e);
    }
  }

  /** What the machine is made of. */
  public MachineOptions options() {
    return options;
  }

  /** The host's file behind the disk that the image is written to. */
  public Path imageDisk() {
    return folder.resolve("image.img");
  }

  /** The host's file behind the root disk. */
  public Path rootDisk() {
    return folder.resolve("root.img");
  }

  /** The guest's name for the disk that the image is written to. */
  public String store() {
    return options.deviceOf(IMAGE_SERIAL);
  }

  /** The machine that was switched on last. */
  public Machine machine() {
    return machine.orElseThrow(() -> new IllegalStateException("not switched on yet"));
  }

  /** The shell of the machine that was switched on last. */
  public Shell shell() {
    return machine().shell();
  }

  /** The guest's name for its root disk. */
  public String rootDevice() {
    return options.deviceOf(ROOT_SERIAL);
  }

  /**
   * The machine with its disks in another order, or others besides, and the kernel told the root
   * disk's name there. What the kernel is told of the store stays as it is.
   */
  public MachineOptions moved(List<Disk> disks) {
    MachineOptions other = options.withDisks(disks);
    String commandLine =
        options
            .append()
            .replace("root=" + rootDevice() + " ", "root=" + other.deviceOf(ROOT_SERIAL) + " ");
    return other.withAppend(commandLine);
  }

  /** Switches the machine on: a new QEMU process on the same disks. Waits for nothing. */
  public Machine powerOn() throws IOException, InterruptedException {
    return powerOnAs(options);
  }

  /** Switches it on, and the boot loader starts something else, this once. */
  public Machine powerOnWith(BootEntry entry) throws IOException, InterruptedException {
    return powerOnAs(options.withBoot(entry));
  }

  /** Switches another machine on, with the same disks: they were carried over. */
  public Machine powerOnAs(MachineOptions other) throws IOException, InterruptedException {
    close();
    powerOns++;
    Machine started = Machine.start(other, "power-on-" + powerOns, folder);
    machine = Optional.of(started);
    return started;
  }

  /** Cuts the power as soon as a line with this pattern is on the console. */
  public SerialLine killAt(String pattern) throws IOException, InterruptedException {
    SerialLine line = machine().awaitLine(pattern, LONG);
    machine().kill();
    return line;
  }

  /** Whether somebody listens at the shell: the guest has booted, or is awake again. */
  public boolean guestListens() {
    return machine().console().find(Pattern.compile(AWAKE + "|" + READY)).isPresent();
  }

  /** Switches the machine on and waits until the guest has booted as it does every day. */
  public SerialLine boot() throws IOException, InterruptedException {
    return bootAs(options);
  }

  /** Likewise, another machine with the same disks. */
  public SerialLine bootAs(MachineOptions other) throws IOException, InterruptedException {
    return powerOnAs(other).awaitLine(READY, BOOT);
  }

  /**
   * Fills this share of RAM with random bytes and frees it again, as far as that can be done
   * without running out of memory: a machine that has been used for a while.
   */
  public void useMemory(Fill share) throws IOException, InterruptedException {
    long available = GuestState.parse(shell().check(MEMORY, QUICK)).number("MemAvailable");
    long bytes =
        Math.min(options.memoryBytes() / 100 * share.percent(), available - LEFT_WHEN_USED);
    shell().check("use-memory " + Math.max(0, bytes), LONG);
  }

  /** Starts the workload; its memory is still to be filled. */
  public void startWorkload(long seed) throws IOException, InterruptedException {
    shell().check("workload " + seed, QUICK);
  }

  /**
   * Lets the workload fill memory until this share of RAM is in use. What the kernel could free at
   * once (its caches; {@code MemAvailable}) does not count as used. Filling takes some memory of
   * its own and pushes caches out, so the last part is measured again before it is filled.
   */
  public void fillTo(Fill fill) throws IOException, InterruptedException {
    long most = missing(fill) - LAST_PART;
    if (most > 0) {
      shell().check("ask fill " + most, LONG);
    }
    shell().check("ask fill " + missing(fill), LONG);
  }

  private long missing(Fill fill) throws IOException, InterruptedException {
    return fill.bytesToAdd(options.memoryBytes(), state().number("MemAvailable"));
  }

  /** What the guest says about itself. */
  public GuestState state() throws IOException, InterruptedException {
    return GuestState.parse(shell().check("state", QUICK));
  }

  /**
   * Lets the workload look at every page that it filled: {@code wrong_pages}, {@code
   * checked_pages}.
   */
  public GuestState verifyMemory() throws IOException, InterruptedException {
    return GuestState.parse(shell().check("ask verify", LONG));
  }

  /** Starts the saver, so that it waits and the next sleep is a warm one. */
  public String arm() throws IOException, InterruptedException {
    return shell().check("dormouse arm", LONG);
  }

  /** Gives up the saver that waits, if one does. */
  public String disarm() throws IOException, InterruptedException {
    return shell().check("dormouse disarm", LONG);
  }

  /** Jumps into the saver and back. */
  public String rehearse() throws IOException, InterruptedException {
    return shell().check("dormouse rehearse", LONG);
  }

  /**
   * Sends the guest to sleep, warm if a saver waits and cold if none does, and waits until the
   * machine is off.
   *
   * @throws ScenarioException if the command ended instead
   */
  public Transition hibernate() throws IOException, InterruptedException {
    return sleepBy(hibernateCommand());
  }

  /** What a person would type for that. */
  public String hibernateCommand() {
    return "dormouse hibernate --to " + store();
  }

  /**
   * Sends the guest to sleep by a command of the caller's.
   *
   * @throws ScenarioException if the command ended instead
   */
  public Transition sleepBy(String typed) throws IOException, InterruptedException {
    Machine running = machine();
    int firstLine = running.console().lines().size();
    Duration begin = running.uptime();
    RunningCommand command = shell().start(typed);
    sleeping = Optional.of(command);
    awaitEndOfMachine(running, command);
    Duration off = running.awaitPowerOff(QUICK);
    List<SerialLine> lines = running.console().lines();
    return new Transition(begin, off, lines.subList(firstLine, lines.size()));
  }

  /** The same for a command that restarts the machine instead of switching it off. */
  public Transition restartBy(String typed) throws IOException, InterruptedException {
    Machine running = machine();
    int firstLine = running.console().lines().size();
    Duration begin = running.uptime();
    startToSleepBy(typed);
    awaitEndOfMachine(running, sleeping.orElseThrow());
    running.awaitExit(QUICK);
    List<SerialLine> lines = running.console().lines();
    return new Transition(begin, running.uptime(), lines.subList(firstLine, lines.size()));
  }

  /** Sends the guest to sleep like {@link #hibernate}, but waits for nothing. */
  public void startToHibernate() throws IOException {
    startToSleepBy(hibernateCommand());
  }

  /** Likewise, by a command of the caller's. */
  public void startToSleepBy(String typed) throws IOException {
    sleeping = Optional.of(shell().start(typed));
  }

  private void awaitEndOfMachine(Machine running, RunningCommand command)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + LONG.toNanos();
    while (running.isRunning()) {
      Optional<CommandResult> ended = shell().resultOf(command);
      if (ended.isPresent()) {
        throw new ScenarioException(
            "The guest did not sleep: «%s» ended with status %d.\n%s"
                .formatted(command.command(), ended.get().status(), ended.get().output()));
      }
      if (System.nanoTime() > deadline) {
        throw new MachineException(
            "The guest was not asleep after " + LONG.toSeconds() + " s.", running.console());
      }
      Thread.sleep(GLANCE);
    }
  }

  /**
   * Switches the machine on again and waits until the guest goes on where it was, and the command
   * that sent it to sleep has ended well. A saver that is started directly and fails resets the
   * machine, and the next power-on is an ordinary boot.
   *
   * @throws ScenarioException if it booted instead
   */
  public Transition wake(Wake how) throws IOException, InterruptedException {
    return switch (how) {
      case KEXEC -> wakeAs(options, AWAKE);
      case DIRECT -> wakeAs(options.withBoot(directEntry()), AWAKE);
    };
  }

  /** What a boot loader starts that knows of the saver in the store. */
  public BootEntry directEntry() throws IOException {
    Path store = options.disk(IMAGE_SERIAL).file();
    return DirectBootLoader.of(store).load(store, folder);
  }

  /**
   * Likewise, on another machine with the same disks.
   *
   * @param awake the pattern of the console's line that says that the guest goes on
   */
  public Transition wakeAs(MachineOptions other, String awake)
      throws IOException, InterruptedException {
    powerOnAs(other);
    return awaken(awake);
  }

  /**
   * Waits until the machine that was switched on goes on where it was.
   *
   * @param awake the pattern of the console's line that says so
   */
  public Transition awaken(String awake) throws IOException, InterruptedException {
    Machine woken = machine();
    SerialLine line = woken.awaitLine(awake + "|" + READY, BOOT);
    if (line.text().contains(READY)) {
      throw new ScenarioException(
          "The guest booted instead of waking. It said:\n" + dormouseLines(woken));
    }
    RunningCommand command =
        sleeping.orElseThrow(() -> new IllegalStateException("nothing was sent to sleep"));
    CommandResult result = shell().await(command, QUICK);
    if (!result.succeeded()) {
      throw new ScenarioException(
          "The guest is awake, but «%s» ended with status %d.\n%s"
              .formatted(command.command(), result.status(), result.output()));
    }
    List<SerialLine> lines = woken.console().lines();
    return new Transition(Duration.ZERO, line.at(), lines.subList(0, line.number() + 1));
  }

  private static String dormouseLines(Machine machine) {
    return machine.console().lines().stream()
        .map(SerialLine::text)
        .filter(text -> text.contains("dormouse: "))
        .reduce((a, b) -> a + "\n" + b)
        .orElse("(nothing)");
  }

  /** Shuts the guest down as one does: its root file system is clean afterwards. */
  public void shutDown() throws IOException, InterruptedException {
    shell().start("switch-off");
    machine().awaitPowerOff(QUICK);
  }

  /**
   * Checks the root file system, which the guest must not have mounted.
   *
   * @return what e2fsck said, if it is not clean
   */
  public Optional<String> fileSystemErrors() throws IOException, InterruptedException {
    HostCommand checked = HostCommand.run(List.of("/sbin/e2fsck", "-fn", rootDisk().toString()));
    return checked.status() == 0 ? Optional.empty() : Optional.of(checked.output());
  }

  /**
   * Checks the root file system after a power cut, as the next boot would find it: with its journal
   * replayed, in a copy.
   *
   * @return what e2fsck said, if it is not clean then
   */
  public Optional<String> fileSystemErrorsAfterPowerCut() throws IOException, InterruptedException {
    String copy = folder.resolve("root-copy.img").toString();
    HostCommand.check(List.of("cp", "--sparse=always", rootDisk().toString(), copy));
    try {
      HostCommand.run(List.of("/sbin/e2fsck", "-fy", "-E", "journal_only", copy));
      HostCommand checked = HostCommand.run(List.of("/sbin/e2fsck", "-fn", copy));
      return checked.status() == 0 ? Optional.empty() : Optional.of(checked.output());
    } finally {
      Files.deleteIfExists(Path.of(copy));
    }
  }

  /** Ends the machine if it runs. The folder stays. */
  @Override
  public void close() throws IOException {
    if (machine.isPresent()) {
      machine.get().close();
    }
    for (Path socket : sockets()) {
      Files.deleteIfExists(socket);
    }
  }

  private List<Path> sockets() throws IOException {
    try (var files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".sock")).toList();
    }
  }
}
