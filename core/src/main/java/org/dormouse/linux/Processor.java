package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * What the running kernel says of the processors.
 *
 * @param online how many are online
 * @param flags the flags of {@code /proc/cpuinfo}; one that the kernel does not use is not listed
 */
public record Processor(int online, Set<String> flags) {
  private static final Path SOURCE = Path.of("/proc/cpuinfo");

  /** Copies the flags. */
  public Processor {
    flags = Set.copyOf(flags);
  }

  /** Asks the running kernel. */
  public static Processor read() throws IOException {
    var lines = Files.readAllLines(SOURCE);
    int online = (int) lines.stream().filter(line -> line.startsWith("processor")).count();
    Set<String> flags =
        lines.stream()
            .filter(line -> line.startsWith("flags"))
            .findFirst()
            .map(line -> Set.of(line.substring(line.indexOf(':') + 1).strip().split(" +")))
            .orElse(Set.of());
    return new Processor(online, flags);
  }

  /**
   * Whether 5-level paging is on: the kernel drops the flag when it runs with 4 levels ({@code
   * no5lvl}).
   */
  public boolean fiveLevelPaging() {
    return flags.contains("la57");
  }

  /** Whether page tables may have 1 GiB leaves. */
  public boolean gigabytePages() {
    return flags.contains("pdpe1gb");
  }
}
