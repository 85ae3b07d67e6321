package org.dormouse.kernels;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.dormouse.protocol.KernelTable;
import org.dormouse.text.KeyValues;
import org.dormouse.text.ReportException;

/**
 * A kernel that somebody wants to switch to.
 *
 * @param name a lower-case letter, then lower-case letters and digits, 16 at most
 * @param kernel a bzImage
 * @param initramfs what it starts with, if anything
 * @param append words for its command line
 * @param memoryBytes how much memory it has
 * @param cpus how many CPUs it uses at most
 */
public record Registration(
    String name, Path kernel, Optional<Path> initramfs, String append, long memoryBytes, int cpus) {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]{0,15}");

  /** Less is too little for any kernel with an initramfs, in bytes. */
  private static final long LEAST_BYTES = 32L << 20;

  /**
   * Checks what can be checked without looking.
   *
   * @throws ReportException if a kernel cannot be called so, or cannot have so little
   */
  public void check() throws ReportException {
    if (!NAME.matcher(name).matches() || name.equals(KernelTable.ORIGINAL)) {
      throw refused(
          "'" + name + "' cannot be the name of a kernel",
          "Choose a lower-case letter and up to 15 letters and digits, not 'original'.");
    }
    if (memoryBytes < LEAST_BYTES) {
      throw refused(
          "a kernel with " + (memoryBytes >> 20) + " MiB cannot start",
          "Give it 32 MiB at least; 256M is usual.");
    }
    if (cpus < 1) {
      throw refused("a kernel with " + cpus + " CPUs cannot start", "Give it one at least.");
    }
    if (append.chars().anyMatch(Character::isISOControl)) {
      throw refused("the command line of " + name + " has control characters", "Leave them out.");
    }
  }

  private static ReportException refused(String happened, String remedy) {
    return new ReportException(happened, "Nothing was changed; the machine goes on.", remedy);
  }

  /** The words of {@link #append}. */
  List<String> words() {
    return append.isBlank() ? List.of() : List.of(append.strip().split("\\s+"));
  }

  /** The same as lines. */
  KeyValues lines() {
    KeyValues lines =
        KeyValues.empty()
            .with("name", name)
            .with("kernel", kernel.toString())
            .with("append", append)
            .with("memory", memoryBytes)
            .with("cpus", cpus);
    return initramfs.isPresent() ? lines.with("initramfs", initramfs.get().toString()) : lines;
  }

  /**
   * Reads them back.
   *
   * @throws IllegalArgumentException if a line is missing or makes no sense
   */
  static Registration of(KeyValues lines) {
    return new Registration(
        lines.text("name"),
        Path.of(lines.text("kernel")),
        lines.find("initramfs").map(Path::of),
        lines.text("append"),
        lines.number("memory"),
        Math.toIntExact(lines.number("cpus")));
  }
}
