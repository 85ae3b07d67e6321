package org.dormouse.initramfs;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/**
 * The modules of one kernel, as {@code depmod(8)} has listed them in {@code modules.dep} and {@code
 * modules.builtin}.
 *
 * @param folder {@code /lib/modules/RELEASE}
 * @param needs for each module's file, relative to the folder, the files that it needs
 * @param builtIn the names of those that are part of the kernel
 */
public record KernelModules(Path folder, Map<String, List<String>> needs, Set<String> builtIn) {
  private static final Path ALL = Path.of("/lib/modules");

  /** Copies what it is given. */
  public KernelModules {
    needs = Map.copyOf(needs);
    builtIn = Set.copyOf(builtIn);
  }

  /** Those of a kernel; empty if it has none, or they have not been listed. */
  public static Optional<KernelModules> of(String release) throws IOException {
    return in(ALL.resolve(release));
  }

  static Optional<KernelModules> in(Path folder) throws IOException {
    Path list = folder.resolve("modules.dep");
    if (!Files.isRegularFile(list)) {
      return Optional.empty();
    }
    Path builtIn = folder.resolve("modules.builtin");
    return Optional.of(
        parse(
            folder,
            Files.readAllLines(list),
            Files.isRegularFile(builtIn) ? Files.readAllLines(builtIn) : List.of()));
  }

  /** Lines {@code FILE: FILE FILE…}, and lines {@code FILE}. */
  static KernelModules parse(Path folder, List<String> dependencies, List<String> builtIn) {
    Map<String, List<String>> needs = new HashMap<>();
    for (String line : dependencies) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        String rest = line.substring(colon + 1).strip();
        needs.put(line.substring(0, colon), rest.isEmpty() ? List.of() : List.of(rest.split(" +")));
      }
    }
    Set<String> names = new HashSet<>();
    builtIn.stream().filter(line -> !line.isBlank()).forEach(line -> names.add(name(line)));
    return new KernelModules(folder, needs, names);
  }

  /** What the kernel calls the module in a file. */
  static String name(String file) {
    String last = file.substring(file.lastIndexOf('/') + 1).strip();
    int end = last.indexOf(".ko");
    return (end < 0 ? last : last.substring(0, end)).replace('-', '_');
  }

  /** Of {@code names}, those that are neither a module of this kernel nor part of it. */
  public SortedSet<String> unknown(Collection<String> names) {
    SortedSet<String> unknown = new TreeSet<>();
    Map<String, String> files = filesByName();
    for (String name : names) {
      if (!files.containsKey(name(name)) && !builtIn.contains(name(name))) {
        unknown.add(name);
      }
    }
    return unknown;
  }

  /**
   * The files of modules and of all that they need, each behind what it needs itself. What is part
   * of the kernel, or unknown, has none.
   */
  public List<Path> inOrder(Collection<String> names) {
    Map<String, String> files = filesByName();
    Set<String> ordered = new LinkedHashSet<>();
    for (String name : new TreeSet<>(names)) {
      String file = files.get(name(name));
      if (file != null) {
        add(file, ordered, new HashSet<>());
      }
    }
    return ordered.stream().map(folder::resolve).toList();
  }

  private void add(String file, Set<String> ordered, Set<String> onTheWay) {
    // A circle would be a defect of the list, and no reason not to end.
    if (ordered.contains(file) || !onTheWay.add(file)) {
      return;
    }
    needs.getOrDefault(file, List.of()).forEach(needed -> add(needed, ordered, onTheWay));
    ordered.add(file);
  }

  private Map<String, String> filesByName() {
    Map<String, String> files = new HashMap<>();
    new TreeSet<>(needs.keySet()).forEach(file -> files.putIfAbsent(name(file), file));
    return files;
  }

  private static byte[] unpacked(String program, Path file) throws IOException {
    try {
      return new Command(List.of(program, "--decompress", "--stdout", file.toString())).bytes();
    } catch (IOException e) {
      throw new ReportException(
          new Report(
              "the module " + file + " cannot be unpacked: " + e.getMessage(),
              "Nothing was written.",
              "Install " + program + ", or that kernel's modules again."),
          e);
    }
  }

  /**
   * A module's file as the kernel takes it, not compressed: a busybox cannot unpack all that a
   * distribution packs with.
   */
  static byte[] content(Path file) throws IOException {
    String name = file.getFileName().toString();
    if (name.endsWith(".xz")) {
      return unpacked("xz", file);
    }
    if (name.endsWith(".zst")) {
      return unpacked("zstd", file);
    }
    byte[] content = Files.readAllBytes(file);
    if (name.endsWith(".gz")) {
      try (GZIPInputStream unpacked = new GZIPInputStream(new ByteArrayInputStream(content))) {
        return unpacked.readAllBytes();
      }
    }
    return content;
  }

  /** The name of a module's file in an initramfs: in the order of their names they are loaded. */
  static List<String> numbered(List<Path> files) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      names.add(String.format("%03d-%s.ko", i, name(files.get(i).toString())));
    }
    return names;
  }
}
