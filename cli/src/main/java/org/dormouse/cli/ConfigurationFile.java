package org.dormouse.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.dormouse.seal.MachineKey;
import org.dormouse.sleep.KeyFiles;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/** Where the {@link Configuration} of this machine is kept, and what it names. */
final class ConfigurationFile {
  /** Its place. */
  static final Path FILE = Path.of("/etc/dormouse.conf");

  private static final String UNTOUCHED = "Nothing was changed; the machine goes on.";

  private ConfigurationFile() {}

  /**
   * That of this machine; the defaults, if there is no such file.
   *
   * @throws ReportException if a line of it is wrong
   */
  static Configuration read() throws IOException {
    return read(FILE);
  }

  static Configuration read(Path file) throws IOException {
    try {
      return Configuration.parse(Files.readString(file), file);
    } catch (NoSuchFileException e) {
      return Configuration.DEFAULTS;
    } catch (CharacterCodingException e) {
      throw new ReportException(
          new Report(file + " is not a text in UTF-8", UNTOUCHED, "Write it anew, or remove it."),
          e);
    }
  }

  /** Whether images of this machine are sealed. */
  static boolean isSealed() throws IOException {
    Optional<MachineKey> key = machineKey(read());
    key.ifPresent(MachineKey::close);
    return key.isPresent();
  }

  /**
   * The machine's key, if it has one.
   *
   * @throws ReportException if one is named in the configuration and is not there, for then a
   *     person counts on images being sealed; or if the file is damaged
   */
  static Optional<MachineKey> machineKey(Configuration configuration) throws IOException {
    Optional<MachineKey> key = KeyFiles.machine(configuration.keyFile());
    if (key.isEmpty() && configuration.key().isPresent()) {
      throw new ReportException(
          "there is no " + configuration.keyFile() + ", which is the key in " + FILE,
          UNTOUCHED,
          "Make one: dormouse key create; or take the key out of the file, if images need not be"
              + " sealed.");
    }
    return key;
  }
}
