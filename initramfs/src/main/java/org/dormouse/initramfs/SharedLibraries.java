package org.dormouse.initramfs;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Finds the system's libraries that ELF files of this machine need, by asking {@code ldd}. */
final class SharedLibraries {

  // "libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)", "libx.so => not found" or
  // "/lib64/ld-linux-x86-64.so.2 (0x…)"
  private static final Pattern LINE =
      Pattern.compile("^\\s+(\\S+)(?: => (.+?))?(?: \\(0x[0-9a-f]+\\))?$", Pattern.MULTILINE);

  private SharedLibraries() {}

  /**
   * The absolute paths under which the dynamic linker looks for the libraries, symbolic links not
   * followed. A library that is itself among the files is left out, wherever it is.
   *
   * @throws IOException if one is missing
   */
  static SortedSet<Path> of(List<Path> files) throws IOException {
    Set<String> ours =
        files.stream().map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    SortedSet<Path> libraries = new TreeSet<>();
    for (Path file : files) {
      String output = Command.of("ldd", file).run();
      for (MatchResult line : LINE.matcher(output).results().toList()) {
        String name = line.group(1);
        String found = line.group(2) == null ? name : line.group(2);
        if (ours.contains(name)) {
          continue;
        }
        if (found.equals("not found")) {
          throw new IOException(file + " needs " + name + ", which is not installed");
        }
        // What has no path is no file: the kernel's linux-vdso, or "statically linked".
        if (found.startsWith("/")) {
          libraries.add(Path.of(found).normalize());
        }
      }
    }
    return libraries;
  }
}
