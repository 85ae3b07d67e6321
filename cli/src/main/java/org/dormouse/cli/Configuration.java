package org.dormouse.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.dormouse.image.CodecChoice;
import org.dormouse.protocol.Then;
import org.dormouse.sleep.KeyFiles;
import org.dormouse.text.ReportException;

/**
 * What an administrator has settled for this machine: defaults for the options of the commands.
 *
 * @param store where images go; empty if it is said elsewhere
 * @param imageSize what an image should take at most, in bytes; empty for no limit
 * @param codec what the saver compresses with; empty if it decides
 * @param then what becomes of the machine when the image is complete
 * @param timeout how long the saver may take, in whole seconds; empty for as long as it gets on
 * @param saverKernel what the saver runs; empty for the machine's own kernel
 * @param key the machine's key, if another place than the usual one is named
 * @param initramfs what the initramfs do that the system makes; of no matter to the commands
 * @param arm whether a saver is warmed after each boot
 * @param direct how a machine that sleeps is woken at its next boot
 */
public record Configuration(
    Optional<String> store,
    Optional<Long> imageSize,
    Optional<CodecChoice> codec,
    Then then,
    Optional<Duration> timeout,
    Optional<Path> saverKernel,
    Optional<Path> key,
    SystemInitramfs initramfs,
    Arming arm,
    NextBoot direct) {
  /** What an initramfs does that the system makes. */
  public enum SystemInitramfs {
    WAKES,
    BOOTS_ONLY
  }

  /** Whether a saver is warmed after each boot. */
  public enum Arming {
    AT_EACH_BOOT,
    ON_REQUEST
  }

  /** How a machine that sleeps is woken at its next boot. */
  public enum NextBoot {
    /** By the boot loader, which starts the saver. */
    DIRECT,
    /** By what the system boots with. */
    ORDINARY
  }

  /** What holds without a file. */
  public static final Configuration DEFAULTS =
      new Configuration(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Then.POWEROFF,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          SystemInitramfs.BOOTS_ONLY,
          Arming.ON_REQUEST,
          NextBoot.ORDINARY);

  private static final List<String> KEYS =
      List.of(
          "store",
          "image-size",
          "codec",
          "then",
          "timeout",
          "saver-kernel",
          "key",
          "initramfs",
          "arm",
          "direct");

  /** The word for a limit that there is not. */
  private static final String NO_LIMIT = "none";

  /** The word for a codec that the saver chooses. */
  private static final String SAVER_CHOOSES = "auto";

  /** The word for a saver that runs the machine's own kernel. */
  static final String OWN_KERNEL = "own";

  private static final int LONGEST_TIMEOUT = 9;

  /** Where the machine's key lies, whether or not there is one. */
  public Path keyFile() {
    return key.orElse(KeyFiles.MACHINE);
  }

  /**
   * Reads a configuration: {@link Settings}.
   *
   * @param text what is in the file
   * @param file its name, for errors
   * @throws ReportException if it cannot be read, or a key does not take its value; names file and
   *     line
   */
  public static Configuration parse(String text, Path file) throws ReportException {
    Settings settings = Settings.of(text, file, KEYS);
    return new Configuration(
        settings.read("store", value -> absolute("store", value)),
        settings.read("image-size", Configuration::imageSize).flatMap(size -> size),
        settings.read("codec", Configuration::codec).flatMap(codec -> codec),
        settings
            .read("then", value -> Then.of(value.toLowerCase(Locale.ROOT)))
            .orElse(DEFAULTS.then),
        settings.read("timeout", Configuration::timeout).flatMap(time -> time),
        settings.read("saver-kernel", Configuration::saverKernel).flatMap(kernel -> kernel),
        settings.read("key", value -> Path.of(absolute("key", value))),
        settings
            .read("initramfs", v -> yes("initramfs", v, SystemInitramfs.WAKES, DEFAULTS.initramfs))
            .orElse(DEFAULTS.initramfs),
        settings
            .read("arm", v -> yes("arm", v, Arming.AT_EACH_BOOT, DEFAULTS.arm))
            .orElse(DEFAULTS.arm),
        settings
            .read("direct", v -> yes("direct", v, NextBoot.DIRECT, DEFAULTS.direct))
            .orElse(DEFAULTS.direct));
  }

  private static String absolute(String key, String value) {
    if (!value.startsWith("/")) {
      throw new IllegalArgumentException(key + " takes a path that begins with /, not " + value);
    }
    return value;
  }

  private static Optional<Long> imageSize(String value) {
    return value.equals(NO_LIMIT) ? Optional.empty() : Optional.of(new ByteSize().convert(value));
  }

  private static Optional<CodecChoice> codec(String value) {
    return value.equals(SAVER_CHOOSES)
        ? Optional.empty()
        : Optional.of(new CodecOption().convert(value));
  }

  private static Optional<Path> saverKernel(String value) {
    return value.equals(OWN_KERNEL)
        ? Optional.empty()
        : Optional.of(Path.of(absolute("saver-kernel", value)));
  }

  private static Optional<Duration> timeout(String value) {
    if (value.equals(NO_LIMIT)) {
      return Optional.empty();
    }
    boolean isNumber =
        value.length() <= LONGEST_TIMEOUT && value.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!isNumber || Integer.parseInt(value) < 1) {
      throw new IllegalArgumentException(
          "timeout takes a number of seconds, 1 or more, or none, not " + value);
    }
    return Optional.of(Duration.ofSeconds(Integer.parseInt(value)));
  }

  private static <T> T yes(String key, String value, T ifYes, T ifNo) {
    return switch (value) {
      case "yes" -> ifYes;
      case "no" -> ifNo;
      default -> throw new IllegalArgumentException(key + " takes yes or no, not " + value);
    };
  }
}
