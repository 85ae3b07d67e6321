package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Suspending to RAM: {@code Documentation/admin-guide/pm/sleep-states.rst}.
 *
 * @param states what {@code /sys/power/state} offers, in words
 * @param ways what {@code /sys/power/mem_sleep} offers for "mem"; the one in brackets is chosen
 */
public record SuspendToRam(String states, String ways) {
  private static final Path FOLDER = Path.of("/sys/power");
  private static final String MEM = "mem";

  /** ACPI S3: memory keeps what it has, all else is off. */
  private static final String DEEP = "deep";

  /** Asks the running kernel. */
  public static SuspendToRam read() throws IOException {
    return read(FOLDER);
  }

  static SuspendToRam read(Path folder) throws IOException {
    return new SuspendToRam(
        optional(folder.resolve("state")), optional(folder.resolve("mem_sleep")));
  }

  private static String optional(Path file) throws IOException {
    return Files.exists(file) ? KernelFile.read(file) : "";
  }

  /** Whether memory can be kept with everything else off. */
  public boolean isPossible() {
    return List.of(states.split(" ")).contains(MEM)
        && List.of(ways.split(" ")).stream()
            .anyMatch(way -> way.equals(DEEP) || way.equals("[" + DEEP + "]"));
  }

  /**
   * Suspends. Returns when the machine has been woken up.
   *
   * @throws IOException if it does not suspend; the machine goes on
   */
  public static void now() throws IOException {
    Files.writeString(FOLDER.resolve("mem_sleep"), DEEP);
    Files.writeString(FOLDER.resolve("state"), MEM);
  }
}
