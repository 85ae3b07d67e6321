package org.dormouse.lab.debian;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dormouse.lab.demo.GuestState;
import org.dormouse.lab.demo.Transition;
import org.dormouse.lab.guest.HostCommand;
import org.dormouse.lab.qemu.Disk;
import org.dormouse.lab.qemu.Machine;
import org.dormouse.lab.qemu.MachineException;
import org.dormouse.lab.qemu.MachineOptions;
import org.dormouse.lab.qemu.Network;
import org.dormouse.lab.qemu.Reset;
import org.dormouse.lab.qemu.SerialLine;

/**
 * A machine with a Debian on its disk, on a network that outlives it, and what is done to it. It is
 * started by its firmware and its boot loader alone.
 */
public final class DebianMachine implements AutoCloseable {
  private static final int SSH = 22;
  private static final int HTTP = 80;

  private static final Duration BOOT = Duration.ofMinutes(15);
  private static final Duration SLEEP = Duration.ofMinutes(15);
  private static final Duration QUICK = Duration.ofMinutes(5);
  private static final Duration LONG = Duration.ofMinutes(20);

  /** See {@code pulse.sh}. */
  private static final Pattern PULSE = Pattern.compile("lab: pulse ([0-9a-f-]{36}) (\\d+)");

  /** What the initramfs of cryptsetup asks, and what Dormouse does of a sealed image. */
  private static final Pattern ASKS =
      Pattern.compile("Please unlock disk \\w+: *$|its passphrase, try \\d of \\d: *$");

  private static final Duration GLANCE = Duration.ofMillis(100);

  private final DebianFiles files;
  private final DebianLayout layout;
  private final MachineOptions options;
  private final Network network;
  private final Path folder;
  private int powerOns;
  private Optional<Machine> machine = Optional.empty();

  private DebianMachine(
      DebianFiles files,
      DebianRecipe recipe,
      MachineOptions options,
      Network network,
      Path folder) {
    this.files = files;
    this.layout = recipe.layout();
    this.options = options;
    this.network = network;
    this.folder = folder;
  }

  /**
   * Makes its disk, and its network.
   *
   * @param made the Debian
   * @param machine of any size and make, without a kernel; its disks come after the Debian's
   * @param folder an existing folder for disks and logs
   */
  public static DebianMachine prepare(
      DebianFiles made, DebianRecipe recipe, MachineOptions machine, Path folder)
      throws IOException, InterruptedException {
    DebianFiles files = made.copyTo(folder);
    Network network = Network.start(folder, List.of(SSH, HTTP));
    List<Disk> disks = new ArrayList<>(List.of(new Disk(files.disk(), "debian")));
    disks.addAll(machine.disks());
    MachineOptions options =
        machine
            .withFirmware(recipe.layout().firmware())
            .withReset(Reset.REBOOTS)
            .withDisks(disks)
            .withCable(network.cable());
    return new DebianMachine(files, recipe, options, network, folder);
  }

  /** What it is made of. */
  public MachineOptions options() {
    return options;
  }

  /** The machine that was switched on last. */
  public Machine machine() {
    return machine.orElseThrow(() -> new IllegalStateException("not switched on yet"));
  }

  /** Switches it on: a new QEMU process on the same disk and network. Waits for nothing. */
  public Machine powerOn() throws IOException, InterruptedException {
    if (machine.isPresent()) {
      machine.get().close();
    }
    powerOns++;
    Machine started = Machine.start(options, "power-on-" + powerOns, folder);
    machine = Optional.of(started);
    return started;
  }

  /** A line of the pulse. */
  private record Pulse(SerialLine line, String boot) {
    static Optional<Pulse> in(SerialLine line) {
      Matcher pulse = PULSE.matcher(line.text());
      return pulse.find() ? Optional.of(new Pulse(line, pulse.group(1))) : Optional.empty();
    }
  }

  /**
   * Switches it on and waits until a system runs, whichever; answers what asks for a passphrase.
   *
   * @return the first sign of life
   */
  private Pulse start() throws IOException, InterruptedException {
    return awaitPulse(powerOn(), 0, "");
  }

  /**
   * Waits for a system's sign of life.
   *
   * @param firstLine from which line of the console on
   * @param passed the boot that is not meant
   */
  private static Pulse awaitPulse(Machine started, int firstLine, String passed)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + BOOT.toNanos();
    boolean answered = false;
    while (started.isRunning() && System.nanoTime() < deadline) {
      Optional<Pulse> pulse =
          started.console().lines().stream()
              .skip(firstLine)
              .flatMap(line -> Pulse.in(line).stream())
              .filter(each -> !each.boot.equals(passed))
              .findFirst();
      if (pulse.isPresent()) {
        return pulse.get();
      }
      boolean asked = ASKS.matcher(started.console().unfinished()).find();
      if (asked && !answered) {
        started.type(DebianFiles.PASSPHRASE + "\n");
      }
      answered = asked;
      Thread.sleep(GLANCE);
    }
    throw new MachineException(
        "No system was up %d s after power-on.".formatted(started.uptime().toSeconds()),
        started.console());
  }

  /**
   * Switches it on and waits until the system has booted as it does every day.
   *
   * @return when it had, since power-on
   */
  public Duration boot() throws IOException, InterruptedException {
    Pulse pulse = start();
    run("systemctl is-system-running --wait", QUICK);
    return pulse.line().at();
  }

  /** Runs a command in the lab's shell, that has to succeed; what it prints. */
  public String check(String command) throws IOException, InterruptedException {
    return machine().shell().check(command, LONG);
  }

  /** The same for any exit status. */
  public String run(String command, Duration timeout) throws IOException, InterruptedException {
    return machine().shell().run(command, timeout).output();
  }

  /** What it says about itself and its work. */
  public GuestState state() throws IOException, InterruptedException {
    return GuestState.parse(check("state"));
  }

  /** Brings a file of the host's to its root's home, over the network. */
  public void bring(Path file) throws IOException, InterruptedException {
    String words = String.join(" ", SshSession.command(files.sshKey(), network.hostPort(SSH)));
    HostCommand.check(
        List.of(
            "/bin/sh",
            "-euc",
            words + " 'cat >\"/root/" + file.getFileName() + "\"' <\"$1\"",
            "bring",
            file.toString()));
  }

  /** Logs in from the host, and counts. */
  public SshSession ssh() throws IOException {
    return SshSession.open(files.sshKey(), network.hostPort(SSH), folder.resolve("ssh.log"));
  }

  /** Connects to its web server from the host. */
  public HttpConnection http() throws IOException {
    return HttpConnection.open(network.hostPort(HTTP));
  }

  /**
   * Sends it to sleep and waits until it is off.
   *
   * @param command what a person types; it may end before the machine does
   */
  public Transition sleepBy(String command) throws IOException, InterruptedException {
    Machine running = machine();
    int firstLine = running.console().lines().size();
    Duration begin = running.uptime();
    check(command);
    Duration off = running.awaitPowerOff(SLEEP);
    List<SerialLine> lines = running.console().lines();
    return new Transition(begin, off, lines.subList(firstLine, lines.size()));
  }

  /**
   * Switches it on and waits until it goes on where it was.
   *
   * @param boot the boot that slept
   * @throws IOException if it booted instead
   */
  public Transition wake(String boot) throws IOException, InterruptedException {
    Pulse pulse = start();
    if (!pulse.boot().equals(boot)) {
      throw new IOException(
          "The machine booted instead of waking. It said:\n" + wordsOf(machine()));
    }
    List<SerialLine> lines = machine().console().lines();
    return new Transition(
        Duration.ZERO, pulse.line().at(), lines.subList(0, pulse.line().number() + 1));
  }

  private static String wordsOf(Machine machine) {
    return machine.console().lines().stream()
        .map(SerialLine::text)
        .filter(text -> text.contains("dormouse"))
        .reduce((a, b) -> a + "\n" + b)
        .orElse("(nothing)");
  }

  /**
   * Restarts it as a person does, and waits until it has booted.
   *
   * @param boot the one that ends
   * @return what it said on its console meanwhile
   */
  public List<SerialLine> restart(String boot) throws IOException, InterruptedException {
    Machine running = machine();
    int firstLine = running.console().lines().size();
    running.shell().start("systemctl reboot");
    Pulse pulse = awaitPulse(running, firstLine, boot);
    run("systemctl is-system-running --wait", QUICK);
    return running.console().lines().subList(firstLine, pulse.line().number() + 1);
  }

  /** Shuts it down as a person does. */
  public void shutDown() throws IOException, InterruptedException {
    machine().shell().start("systemctl poweroff");
    machine().awaitPowerOff(QUICK);
  }

  /**
   * Checks the root's file system, with the machine off.
   *
   * @return what e2fsck said, if it is not clean
   */
  public Optional<String> fileSystemErrors() throws IOException, InterruptedException {
    Path file = files.disk();
    long offset = DebianDisk.of(layout).root().offset();
    Path plain = folder.resolve("root-plain.img");
    if (layout.isEncrypted()) {
      files.volume().decryptTo(plain);
      file = plain;
      offset = files.volume().group().rootOffset();
    }
    try {
      HostCommand checked =
          HostCommand.run(List.of("/sbin/e2fsck", "-fn", file + "?offset=" + offset));
      return checked.status() == 0 ? Optional.empty() : Optional.of(checked.output());
    } finally {
      Files.deleteIfExists(plain);
    }
  }

  /** Ends machine and network. The folder stays. */
  @Override
  public void close() throws IOException {
    if (machine.isPresent()) {
      machine.get().close();
    }
    network.close();
    List<Path> sockets = new ArrayList<>();
    try (var all = Files.list(folder)) {
      all.filter(file -> file.toString().endsWith(".sock")).forEach(sockets::add);
    }
    for (Path socket : sockets) {
      Files.deleteIfExists(socket);
    }
  }
}
