package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.dormouse.codec.Aead;
import org.dormouse.linux.QuietTerminals;
import org.dormouse.seal.MachineKey;
import org.dormouse.seal.Passphrase;
import org.dormouse.seal.WakeKey;
import org.dormouse.sleep.KeyFiles;
import org.dormouse.text.ReportException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The keys of sealed images. */
@Command(
    name = "key",
    description = "Makes the key that images are sealed with, and tells of it.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT)
final class KeyCommand {
  private static final String MACHINE_FILE_HELP =
      "What the machine keeps (default: that of /etc/dormouse.conf, else /etc/dormouse/key).";
  private static final String UNTOUCHED = "Nothing was changed; the machine goes on.";

  @Spec private CommandSpec spec;

  @Command(
      name = "create",
      description =
          "Makes a key pair. From then on images are sealed: sleeping asks for nothing, waking for"
              + " the passphrase, or for the device with the key file.")
  int create(
      @Option(
              names = "--key-file",
              paramLabel = "FILE",
              description =
                  "Put the private half there, and ask for no passphrase: a file that does not"
                      + " exist, or an empty block device. A machine wakes if a device begins with"
                      + " it.")
          Optional<Path> keyFile,
      @Option(names = "--machine-file", paramLabel = "FILE", description = MACHINE_FILE_HELP)
          Optional<Path> machineFile,
      @Option(names = "--replace", description = "Replace the key that the machine has.")
          boolean replace)
      throws IOException {
    checkLibrary();
    Path machineKey = place(machineFile);
    if (Files.exists(machineKey) && !replace) {
      throw new ReportException(
          machineKey + " exists: this machine has a key",
          UNTOUCHED,
          "With --replace it gets another one; images that sleep need the old one still.");
    }
    try (WakeKey wake = WakeKey.random()) {
      if (keyFile.isPresent()) {
        KeyFiles.writeWake(wake, keyFile.get());
        keep(wake, Optional.empty(), machineKey);
      } else {
        try (Passphrase passphrase = newPassphrase()) {
          keep(wake, Optional.of(passphrase), machineKey);
        }
      }
      out().println("images of this machine are sealed for key " + shown(wake.publicKey()));
      return ExitCode.OK;
    }
  }

  private static Path place(Optional<Path> given) throws IOException {
    return given.isPresent() ? given.get() : ConfigurationFile.read().keyFile();
  }

  private static void keep(WakeKey wake, Optional<Passphrase> passphrase, Path machineFile)
      throws IOException {
    try (MachineKey machine = wake.machineKey(passphrase)) {
      KeyFiles.writeMachine(machine, machineFile);
    }
  }

  @Command(
      name = "import",
      description = "Has the machine seal for the private half that is in a key file.")
  int take(
      @Parameters(paramLabel = "FILE", description = "A key file, or a device with one.")
          Path keyFile,
      @Option(names = "--machine-file", paramLabel = "FILE", description = MACHINE_FILE_HELP)
          Optional<Path> machineFile)
      throws IOException {
    checkLibrary();
    try (WakeKey wake = KeyFiles.wake(keyFile)) {
      keep(wake, Optional.empty(), place(machineFile));
      out().println("images of this machine are sealed for key " + shown(wake.publicKey()));
      return ExitCode.OK;
    }
  }

  @Command(name = "show", description = "Says whether images are sealed, and what opens them.")
  int show(
      @Option(names = "--machine-file", paramLabel = "FILE", description = MACHINE_FILE_HELP)
          Optional<Path> machineFile)
      throws IOException {
    Optional<MachineKey> found = KeyFiles.machine(place(machineFile));
    if (found.isEmpty()) {
      out().println("there is no key: images are not sealed");
      return ExitCode.NO;
    }
    try (MachineKey machine = found.get()) {
      out().println("images are sealed for key " + shown(machine.publicKey()));
      out().println("a wake asks for " + asked(machine));
      return ExitCode.OK;
    }
  }

  /** What a wake asks for, in words. */
  static String asked(MachineKey machine) {
    return machine.lock().isPresent() ? "the passphrase" : "a device with the key file";
  }

  /** Enough of a public key for a person to tell it from another. */
  static String shown(String publicKey) {
    return publicKey.substring(0, 16);
  }

  /** Without it nothing is sealed, and nothing that is sealed is read. */
  static void checkLibrary() throws ReportException {
    if (!Aead.isAvailable()) {
      throw new ReportException(
          "libcrypto.so.3 is not installed", UNTOUCHED, "Debian has it in libssl3.");
    }
  }

  private Passphrase newPassphrase() throws IOException {
    Passphrase first = Passphrase.empty();
    try (QuietTerminals terminal = QuietTerminals.own();
        Passphrase second = Passphrase.empty()) {
      read(terminal, "new passphrase: ", first);
      if (first.length() == 0) {
        throw new ReportException("the passphrase is empty", UNTOUCHED, "Type one.");
      }
      read(terminal, "the same again: ", second);
      if (!first.is(second)) {
        throw new ReportException("the two passphrases are not the same", UNTOUCHED, "Try again.");
      }
      return first;
    } catch (IOException e) {
      first.close();
      throw e;
    }
  }

  private static void read(QuietTerminals terminal, String prompt, Passphrase passphrase)
      throws IOException {
    terminal.print(prompt);
    passphrase.read(terminal::readLine);
    terminal.print("\n");
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
