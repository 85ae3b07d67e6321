package org.dormouse.linux;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/**
 * The options that the running kernel was built with.
 *
 * @param enabled the names, without {@code CONFIG_}, of all that are {@code y} or {@code m}
 */
public record KernelConfig(Set<String> enabled) {
  private static final String PREFIX = "CONFIG_";

  /** Copies the names. */
  public KernelConfig {
    enabled = Set.copyOf(enabled);
  }

  /**
   * Reads {@code /proc/config.gz}, or else {@code /boot/config-RELEASE}; empty if there is neither.
   */
  public static Optional<KernelConfig> running(KernelIdentity kernel) throws IOException {
    return text(kernel).map(KernelConfig::parse);
  }

  /** The same as it is written there, whole. */
  public static Optional<String> text(KernelIdentity kernel) throws IOException {
    Path packed = Path.of("/proc/config.gz");
    if (Files.exists(packed)) {
      try (InputStream in = new GZIPInputStream(Files.newInputStream(packed))) {
        return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    Path plain = Path.of("/boot/config-" + kernel.release());
    return Files.exists(plain) ? Optional.of(Files.readString(plain)) : Optional.empty();
  }

  private static KernelConfig parse(String text) {
    return new KernelConfig(
        text.lines()
            .filter(line -> line.startsWith(PREFIX) && (line.endsWith("=y") || line.endsWith("=m")))
            .map(line -> line.substring(PREFIX.length(), line.length() - 2))
            .collect(Collectors.toSet()));
  }

  /** Whether the option {@code name}, without {@code CONFIG_}, is built in or a module. */
  public boolean has(String name) {
    return enabled.contains(name);
  }
}
