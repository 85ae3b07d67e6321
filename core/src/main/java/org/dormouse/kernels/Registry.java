package org.dormouse.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.dormouse.text.KeyValues;

/**
 * The kernels that were added in the original kernel, a file each. They are forgotten when it ends,
 * as they themselves are.
 *
 * @param folder where the files are
 */
record Registry(Path folder) {
  private static final String ENDING = ".kernel";

  /** That of this kernel. */
  static Registry running() {
    return new Registry(Path.of("/run/dormouse/kernels"));
  }

  /** All of them, by name. */
  List<Registration> all() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Registration> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(each -> each.toString().endsWith(ENDING)).sorted().toList()) {
        try {
          all.add(Registration.of(KeyValues.parse(Files.readString(file))));
        } catch (IllegalArgumentException e) {
          throw new IOException(file + " makes no sense: " + e.getMessage(), e);
        }
      }
    }
    return List.copyOf(all);
  }

  void put(Registration registration) throws IOException {
    Files.createDirectories(folder);
    Path written =
        Files.writeString(
            folder.resolve(registration.name() + ".new"), registration.lines().toString());
    Files.move(written, file(registration.name()), StandardCopyOption.ATOMIC_MOVE);
  }

  void remove(String name) throws IOException {
    Files.deleteIfExists(file(name));
  }

  private Path file(String name) {
    return folder.resolve(name + ENDING);
  }
}
