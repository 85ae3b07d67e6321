package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A watchdog timer: {@code /sys/class/watchdog} ({@code
 * Documentation/ABI/testing/sysfs-class-watchdog}).
 *
 * @param name the device, {@code watchdog0}
 * @param identity what its driver calls it, {@code iTCO_wdt}; may be empty
 * @param state whether it runs
 * @param noWayOut whether the kernel does not let it be stopped
 */
public record Watchdog(String name, String identity, State state, boolean noWayOut) {
  private static final Path SOURCE = Path.of("/sys/class/watchdog");

  /** Whether a watchdog runs. */
  public enum State {
    ACTIVE,
    INACTIVE,
    /** The kernel was built without {@code CONFIG_WATCHDOG_SYSFS}. */
    UNKNOWN
  }

  /** What {@code drivers/watchdog/softdog.c} calls itself: it stands still with the kernel. */
  private static final String SOFTWARE = "Software Watchdog";

  /** Whether it stands still with the kernel that it watches. */
  public boolean isSoftware() {
    return identity.equals(SOFTWARE);
  }

  /**
   * Whether it can watch a kernel for a while: nobody uses it, it can be stopped again, and is
   * known by a name.
   */
  public boolean canGuard() {
    return state == State.INACTIVE && !noWayOut && !isSoftware() && !identity.isEmpty();
  }

  /** The first that can watch a kernel for a while. */
  public static Optional<Watchdog> guard() throws IOException {
    return all().stream().filter(Watchdog::canGuard).findFirst();
  }

  /** All watchdogs, sorted by name. */
  public static List<Watchdog> all() throws IOException {
    return all(SOURCE);
  }

  static List<Watchdog> all(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Watchdog> watchdogs = new ArrayList<>();
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path entry : entries.sorted().toList()) {
        watchdogs.add(
            new Watchdog(
                entry.getFileName().toString(),
                attribute(entry, "identity"),
                switch (attribute(entry, "state")) {
                  case "active" -> State.ACTIVE;
                  case "inactive" -> State.INACTIVE;
                  default -> State.UNKNOWN;
                },
                attribute(entry, "nowayout").equals("1")));
      }
    }
    return watchdogs;
  }

  private static String attribute(Path entry, String name) throws IOException {
    Path file = entry.resolve(name);
    return Files.exists(file) ? KernelFile.read(file) : "";
  }
}
