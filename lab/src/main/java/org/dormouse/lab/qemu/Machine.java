package org.dormouse.lab.qemu;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * A machine that runs: one QEMU process, from its power-on to its end. It does not outlive its user
 * (see {@link QemuProcess}).
 */
public final class Machine implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(20);
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  /** Kernel messages after which nothing good will come. */
  private static final Pattern DEAD = Pattern.compile("Kernel panic - not syncing");

  /** {@code kernel/reboot.c}, kernel_power_off. */
  private static final Pattern POWERED_OFF = Pattern.compile("reboot: Power down");

  private static final Duration GLANCE = Duration.ofMillis(50);

  /** Where a VGA adapter has its text: drivers/video/console/vgacon.c. */
  private static final long VGA_TEXT = 0xb8000;

  private static final int VGA_TEXT_BYTES = 32 << 10;

  private final QemuProcess qemu;
  private final Process process;
  private final MachineOptions options;
  private final Path monitor;
  private final SerialLog console;
  private final Shell shell;
  private final Path errors;
  private final long startNanos;

  private Machine(
      QemuProcess qemu,
      MachineOptions options,
      Path monitor,
      SerialLog console,
      Shell shell,
      Path errors,
      long start) {
    this.qemu = qemu;
    this.process = qemu.process();
    this.options = options;
    this.monitor = monitor;
    this.console = console;
    this.shell = shell;
    this.errors = errors;
    this.startNanos = start;
  }

  /**
   * Switches a machine on.
   *
   * @param name names its files: {@code NAME.console.log}, {@code NAME.shell.log}, {@code
   *     NAME.qemu.log} and {@code NAME.sh}, which starts the same machine by hand
   * @param folder an existing folder for these
   */
  public static Machine start(MachineOptions options, String name, Path folder)
      throws IOException, InterruptedException {
    MachineFiles files = MachineFiles.of(name, folder);
    if (options.firmware() == Firmware.UEFI) {
      Ovmf.installed().giveVariables(files.uefiVariables());
    }
    List<String> command = QemuCommand.of(options, files);
    writeScript(folder.resolve(name + ".sh"), command, files.shell());
    Path errors = folder.resolve(name + ".qemu.log");
    long start = System.nanoTime();
    SerialLog console = new SerialLog(folder.resolve(name + ".console.log"), start);
    QemuProcess qemu = QemuProcess.start(name, command, errors, console::readAll);
    try {
      Path transcript = folder.resolve(name + ".shell.log");
      Shell shell = connectShell(qemu, files.shell(), transcript, errors, console);
      return new Machine(qemu, options, files.monitor(), console, shell, errors, start);
    } catch (IOException | InterruptedException e) {
      qemu.close();
      throw e;
    }
  }

  private static void writeScript(Path script, List<String> command, Path socket)
      throws IOException {
    Files.writeString(
        script,
        """
        #!/bin/sh
        # Starts this machine by hand. Its console is this terminal. For its shell, in another one:
        #   socat -,rawer,escape=0x1d UNIX-CONNECT:'%s'        (Ctrl-] leaves)
        exec %s
        """
            .formatted(socket, QemuCommand.asShellCommand(command)));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static Shell connectShell(
      QemuProcess process, Path socket, Path transcript, Path errors, SerialLog console)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + CONNECT.toNanos();
    while (true) {
      try {
        return Shell.connect(socket, transcript, console);
      } catch (IOException e) {
        if (!process.isAlive()) {
          console.awaitEnd(LAST_WORDS);
          throw new IOException("QEMU ended at once: " + Files.readString(errors).strip(), e);
        }
        if (System.nanoTime() > deadline) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
  }

  /** What the machine prints on its first serial port. */
  public SerialLog console() {
    return console;
  }

  /** The shell on its second serial port. */
  public Shell shell() {
    return shell;
  }

  /** What it is made of. */
  public MachineOptions options() {
    return options;
  }

  /** Plugs one of its late disks in, while it runs. */
  public void plugIn(Disk disk) throws IOException {
    monitor("device_add", QemuCommand.lateDevice(options, disk));
  }

  /** Pulls one of its late disks out, while it runs. */
  public void pullOut(Disk disk) throws IOException {
    monitor("device_del", Map.of("id", QemuCommand.lateDevice(options, disk).get("id")));
  }

  /** Types at the console, as a person at the first serial port does. */
  public void type(String keys) throws IOException {
    OutputStream input = process.getOutputStream();
    input.write(keys.getBytes(StandardCharsets.UTF_8));
    input.flush();
  }

  /**
   * Lets QEMU's monitor do something: {@code system_reset}, {@code inject-nmi}, {@code
   * system_wakeup} …
   *
   * @param arguments by name; texts are all that these commands take
   */
  public void monitor(String command, Map<String, String> arguments) throws IOException {
    try (MonitorClient client = MonitorClient.connect(monitor)) {
      client.execute(command, arguments);
    }
  }

  /** The same for commands that take more than texts: as people give them. */
  private void monitorLine(String line) throws IOException {
    monitor("human-monitor-command", Map.of("command-line", line));
  }

  /** Presses a key of the keyboard that it has beside a screen: {@code esc}, {@code ctrl-c}. */
  public void press(String key) throws IOException {
    monitorLine("sendkey " + key);
  }

  /**
   * What a VGA adapter's memory for text holds: the lines on the screen, and those before.
   *
   * @param file is written on the way
   */
  public String screen(Path file) throws IOException {
    // Without quotes the file's name would be what the number is divided by.
    monitorLine(
        "pmemsave 0x%x %d \"%s\"".formatted(VGA_TEXT, VGA_TEXT_BYTES, file.toAbsolutePath()));
    byte[] cells = Files.readAllBytes(file);
    StringBuilder text = new StringBuilder();
    // Each cell is a character and its colour.
    for (int cell = 0; cell + 1 < cells.length; cell += 2) {
      text.append((char) (cells[cell] & 0xff));
    }
    return text.toString();
  }

  /**
   * A picture of the screen, whatever the adapter shows.
   *
   * @param file is written: a PPM of 8 bits for each of red, green and blue
   */
  public void photograph(Path file) throws IOException {
    monitor("screendump", Map.of("filename", file.toAbsolutePath().toString()));
  }

  /** Waits until the machine is suspended to RAM. */
  public void awaitSuspended(Duration timeout) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!isSuspended()) {
      if (System.nanoTime() > deadline) {
        throw new MachineException(
            "The machine was not suspended after " + timeout.toSeconds() + " s.", console);
      }
      Thread.sleep(GLANCE);
    }
  }

  private boolean isSuspended() throws IOException {
    try (MonitorClient client = MonitorClient.connect(monitor)) {
      return client
          .execute("query-status", Map.of())
          .getAsJsonObject()
          .get("status")
          .getAsString()
          .equals("suspended");
    }
  }

  /**
   * Stops the machine and writes its memory to an ELF core. With a device {@code vmcoreinfo} the
   * kernel's VMCOREINFO is among its notes.
   *
   * @param file must not be there yet
   */
  public void dumpMemory(Path file) throws IOException {
    monitor("stop", Map.of());
    monitorLine("dump-guest-memory " + file.toAbsolutePath());
    if (!Files.exists(file)) {
      throw new IOException("QEMU has not dumped its memory to " + file);
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    MemoryDump.putHeadersFirst(file);
  }

  /** Time since power-on. */
  public Duration uptime() {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  /** Whether QEMU has not ended. */
  public boolean isRunning() {
    return process.isAlive();
  }

  /** Waits for a line on the console in which the pattern is found, old lines included. */
  public SerialLine awaitLine(String pattern, Duration timeout)
      throws IOException, InterruptedException {
    return awaitLine(pattern, 0, timeout);
  }

  /** As the other, but only for lines with this number or a higher one. */
  public SerialLine awaitLine(String pattern, int fromLine, Duration timeout)
      throws IOException, InterruptedException {
    switch (console.await(Pattern.compile(pattern), DEAD, fromLine, timeout)) {
      case SerialLog.Outcome.Found(SerialLine line) -> {
        return line;
      }
      case SerialLog.Outcome.Unwanted(SerialLine line) -> {
        console.settle();
        throw new MachineException(
            "The guest's kernel panicked before it printed «%s»: %s"
                .formatted(pattern, line.text()),
            console);
      }
      case SerialLog.Outcome.Ended() ->
          throw new MachineException(
              "The machine ended before it printed «%s»%s. %s"
                  .formatted(
                      pattern, console.failure().map(e -> " (" + e + ")").orElse(""), howItEnded()),
              console);
      case SerialLog.Outcome.TimedOut() ->
          throw new MachineException(
              "The machine did not print «%s» in %d s.".formatted(pattern, timeout.toSeconds()),
              console);
    }
  }

  /**
   * Waits until the guest has switched the machine off and QEMU has ended.
   *
   * @return the time from power-on to the end
   * @throws MachineException if it did not end in time, or by a reset, a triple fault or an error
   */
  public Duration awaitPowerOff(Duration timeout) throws IOException, InterruptedException {
    awaitExit(timeout);
    if (!isSwitchedOff()) {
      throw new MachineException(
          "The machine ended, but its guest had not switched it off. " + howItEnded(), console);
    }
    return uptime();
  }

  /**
   * Whether the guest has switched the machine off, and QEMU has ended by it; false also after a
   * reset.
   */
  public boolean isSwitchedOff() {
    return !process.isAlive() && process.exitValue() == 0 && console.find(POWERED_OFF).isPresent();
  }

  /** Waits until QEMU has ended, for whatever reason. */
  public void awaitExit(Duration timeout) throws IOException, InterruptedException {
    try {
      process.onExit().get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new MachineException(
          "The machine did not end in " + timeout.toSeconds() + " s.", console);
    } catch (ExecutionException e) {
      throw new IOException("cannot wait for QEMU", e);
    }
    console.awaitEnd(LAST_WORDS);
  }

  private String howItEnded() throws IOException, InterruptedException {
    if (!process.waitFor(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS)) {
      return "QEMU still runs.";
    }
    String said = Files.readString(errors).strip();
    if (process.exitValue() != 0) {
      return QemuCrashes.describe(process.exitValue()) + (said.isEmpty() ? "." : ": " + said);
    }
    boolean off = console.find(POWERED_OFF).isPresent();
    return off ? "The guest switched it off." : "A reset or a triple fault ended it.";
  }

  /** A power cut: ends QEMU on the spot. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
    console.awaitEnd(LAST_WORDS);
  }

  /** Kills the machine if it still runs. */
  @Override
  public void close() throws IOException {
    qemu.close();
    shell.close();
  }
}
