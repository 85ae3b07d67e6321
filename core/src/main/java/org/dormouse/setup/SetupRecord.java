package org.dormouse.setup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What setups have done to a machine, on its disk, in the order in which they did it; with copies
 * of files as they were before the first of them. A line is written before its deed, so that what
 * was cut short is taken back too.
 */
final class SetupRecord {
  private static final String NAME = "record";

  private final Path folder;
  private final List<SetupTrace> traces;

  private SetupRecord(Path folder, List<SetupTrace> traces) {
    this.folder = folder;
    this.traces = new ArrayList<>(traces);
  }

  /** That in a folder, which need not be there. */
  static SetupRecord in(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    if (!Files.exists(file)) {
      return new SetupRecord(folder, List.of());
    }
    try {
      return new SetupRecord(
          folder, Files.readAllLines(file).stream().map(SetupTrace::parse).toList());
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /** What was done, the first first. */
  List<SetupTrace> traces() {
    return List.copyOf(traces);
  }

  /** What was written to a file, if one was. */
  Optional<SetupTrace.Wrote> wrote(Path file) {
    return traces.stream()
        .filter(SetupTrace.Wrote.class::isInstance)
        .map(SetupTrace.Wrote.class::cast)
        .filter(wrote -> wrote.file().equals(file))
        .findFirst();
  }

  /** How a key of a file was set; the first first. More than one, if a setup was cut short. */
  List<SetupTrace.SetKey> keys(Path file, String key) {
    return traces.stream()
        .filter(SetupTrace.SetKey.class::isInstance)
        .map(SetupTrace.SetKey.class::cast)
        .filter(set -> set.file().equals(file) && set.key().equals(key))
        .toList();
  }

  /** Remembers a deed; one that is remembered already is not remembered twice. */
  void add(SetupTrace trace) throws IOException {
    if (!traces.contains(trace)) {
      traces.add(trace);
      save();
    }
  }

  /** Has one take the place of another. */
  void replace(SetupTrace old, SetupTrace trace) throws IOException {
    traces.set(traces.indexOf(old), trace);
    save();
  }

  /** Forgets a deed that was taken back. */
  void remove(SetupTrace trace) throws IOException {
    traces.remove(trace);
    save();
  }

  /** Keeps a copy of a file as it is; returns the copy's name. */
  String keep(Path file) throws IOException {
    Files.createDirectories(folder);
    int number = 0;
    while (Files.exists(folder.resolve("before." + number))) {
      number++;
    }
    String name = "before." + number;
    Files.copy(file, folder.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
    return name;
  }

  /** Where a copy is. */
  Path kept(String name) {
    return folder.resolve(name);
  }

  private void save() throws IOException {
    if (traces.isEmpty()) {
      Files.deleteIfExists(folder.resolve(NAME));
      return;
    }
    Files.createDirectories(folder);
    Path fresh = folder.resolve(NAME + ".new");
    Files.writeString(
        fresh, traces.stream().map(trace -> trace.line() + "\n").collect(Collectors.joining()));
    Files.move(
        fresh,
        folder.resolve(NAME),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** Deletes the folder, if nothing is remembered any more and nobody has put anything there. */
  void close() throws IOException {
    if (traces.isEmpty()) {
      Folders.deleteIfEmpty(folder);
    }
  }

  /** Folders. */
  static final class Folders {
    private Folders() {}

    /** Deletes a folder that holds nothing; any other stays. */
    static void deleteIfEmpty(Path folder) throws IOException {
      if (!Files.isDirectory(folder)) {
        return;
      }
      try (var entries = Files.list(folder)) {
        if (entries.findAny().isPresent()) {
          return;
        }
      }
      Files.delete(folder);
    }
  }
}
