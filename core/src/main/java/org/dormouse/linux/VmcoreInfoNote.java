package org.dormouse.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.dormouse.memory.PageRange;

/**
 * Where the running kernel keeps its VMCOREINFO note: {@code /sys/kernel/vmcoreinfo}.
 *
 * @param address physical address of its first byte
 * @param size bytes
 */
public record VmcoreInfoNote(long address, long size) {
  private static final Path SOURCE = Path.of("/sys/kernel/vmcoreinfo");

  /** Asks the running kernel; empty if it was built without {@code CONFIG_VMCORE_INFO}. */
  public static Optional<VmcoreInfoNote> read() throws IOException {
    if (!Files.exists(SOURCE)) {
      return Optional.empty();
    }
    List<String> words = List.of(Files.readString(SOURCE).strip().split(" +"));
    if (words.size() != 2) {
      throw new IOException(SOURCE + ": two numbers expected, not " + words);
    }
    return Optional.of(
        new VmcoreInfoNote(
            Long.parseUnsignedLong(words.get(0).replaceFirst("^0x", ""), 16),
            Long.parseUnsignedLong(words.get(1).replaceFirst("^0x", ""), 16)));
  }

  /** The pages that hold it. */
  public PageRange pages() {
    return PageRange.covering(address, address + size);
  }
}
