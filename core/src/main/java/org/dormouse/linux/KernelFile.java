package org.dormouse.linux;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Small files below {@code /proc} and {@code /sys}. */
final class KernelFile {
  private static final int BYTES = 4096;

  private KernelFile() {}

  /**
   * The text of a file that the kernel makes up, without blanks around it. Read at once: a sysctl
   * that is a number gives what fits into the first read and no more ({@code do_proc_dointvec} in
   * {@code kernel/sysctl.c}), and {@link Files#readString} begins with one byte.
   */
  static String read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = new byte[BYTES];
      int length = in.read(bytes);
      return new String(bytes, 0, Math.max(0, length), StandardCharsets.UTF_8).strip();
    }
  }

  /** What is in a folder, in any order; nothing if this kernel does not have the folder. */
  static List<Path> list(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    }
  }
}
