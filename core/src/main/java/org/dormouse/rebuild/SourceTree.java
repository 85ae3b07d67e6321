package org.dormouse.rebuild;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.dormouse.linux.LoggedProgram;
import org.dormouse.text.ReportException;

/**
 * A kernel's source, unpacked, configured and compiled in a folder. Each step leaves behind what
 * the next run finds done: an interrupted build goes on.
 */
final class SourceTree {
  /**
   * How programs run here: they end with this process, however that ends, and take what time others
   * leave.
   */
  private static final List<String> QUIETLY =
      List.of("setpriv", "--pdeathsig", "TERM", "nice", "-n", "19", "ionice", "-c", "3", "-t");

  private final KernelSource source;
  private final BuildFolder folder;
  private final int jobs;
  private final BuildJournal journal;

  /**
   * Unpacks nothing yet.
   *
   * @param jobs how many files are compiled at once
   */
  SourceTree(KernelSource source, BuildFolder folder, int jobs, BuildJournal journal) {
    this.source = source;
    this.folder = folder;
    this.jobs = jobs;
    this.journal = journal;
  }

  /** What is done while no other process builds in the folder. */
  interface Work {
    /** Does it, and says which file came of it. */
    Path run() throws IOException;
  }

  /**
   * Does a work alone.
   *
   * @throws ReportException if another process builds there
   */
  Path alone(Work work) throws IOException {
    Files.createDirectories(folder.folder());
    try (var channel =
            FileChannel.open(folder.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock == null) {
        throw new ReportException(
            "another process builds a kernel in " + folder.folder(),
            "Nothing has been changed.",
            "Wait for it, or name another folder with --folder.");
      }
      return work.run();
    }
  }

  /** Unpacks the source, if it is not there. */
  void unpack() throws IOException {
    if (Files.isDirectory(folder.tree())) {
      return;
    }
    journal.step("unpack " + source.name() + " " + source.version());
    removeOthers();
    Files.createDirectories(folder.unpacking());
    run(
        folder.unpacking(),
        _ -> {},
        List.of("tar", "--extract", "--xz", "--file=" + source.tarball()));
    Files.move(
        folder.unpacking().resolve(source.name()), folder.tree(), StandardCopyOption.ATOMIC_MOVE);
    delete(folder.unpacking());
  }

  /**
   * What was unpacked by half, and what was built of another source, to which nobody comes back.
   */
  private void removeOthers() throws IOException {
    try (Stream<Path> all = Files.list(folder.folder())) {
      for (Path each : all.toList()) {
        String name = each.getFileName().toString();
        if (name.startsWith("tree-") || name.startsWith("configured-")) {
          delete(each);
        }
      }
    }
    delete(folder.unpacking());
  }

  /** What makes a configuration. */
  interface Configuring {
    /** Makes it. */
    void run() throws IOException;
  }

  /**
   * Configures, unless that was done, to its end, by the same {@code stamp}.
   *
   * @param stamp all that the configuration depends on
   */
  void configure(String stamp, Configuring configuring) throws IOException {
    if (Files.exists(folder.stamp()) && Files.readString(folder.stamp()).equals(stamp)) {
      return;
    }
    journal.step("configure");
    Files.deleteIfExists(folder.stamp());
    configuring.run();
    Files.writeString(folder.stamp(), stamp);
  }

  /** The configuration as the kernel's tools have made it. */
  KernelConfiguration made() throws IOException {
    return KernelConfiguration.parse(Files.readString(folder.configuration()));
  }

  /** Compiles these targets of the kernel's {@code Makefile}. */
  void compile(List<String> targets) throws IOException {
    journal.step("compile");
    AtomicLong compiled = new AtomicLong();
    List<String> words = new ArrayList<>(List.of("make", "-j" + jobs));
    words.addAll(targets);
    run(
        folder.tree(),
        line -> {
          if (line.startsWith("  CC ") || line.startsWith("  AS ")) {
            journal.compiled(compiled.incrementAndGet());
          }
        },
        words);
  }

  /** What {@code uname -r} will print. */
  String release() throws IOException {
    return Files.readString(folder.tree().resolve("include/config/kernel.release")).strip();
  }

  /** Where the build leaves the kernel. */
  Path bzImage() {
    return folder.tree().resolve("arch/x86/boot/bzImage");
  }

  /** Runs {@code make} with these targets. */
  void make(String... targets) throws IOException {
    run(folder.tree(), _ -> {}, Stream.concat(Stream.of("make"), Stream.of(targets)).toList());
  }

  /**
   * Runs a program to its end.
   *
   * @param lines gets its output
   * @throws ReportException if it fails, or is interrupted
   */
  void run(Path where, Consumer<String> lines, List<String> words) throws IOException {
    List<String> command = new ArrayList<>(QUIETLY);
    command.addAll(words);
    LoggedProgram.End end =
        new LoggedProgram(where, folder.log(), environment()).run(command, lines);
    if (end.cause() == LoggedProgram.Cause.STOPPED) {
      throw new ReportException(
          words.getFirst() + " was interrupted",
          "What has been compiled stays in " + folder.folder() + ".",
          "The same command goes on from there.");
    }
    if (end.exit() != 0) {
      throw new ReportException(
          "%s failed with exit code %d: %s"
              .formatted(String.join(" ", words), end.exit(), String.join(" | ", end.lastLines())),
          "What has been compiled stays; this system's kernels are as they were.",
          "See "
              + folder.log()
              + ". If the disk was full or the machine lost power meanwhile, mend that, delete "
              + folder.tree()
              + " and start again.");
    }
  }

  /** The same source gives the same kernel, whoever builds it when, but for the modules' key. */
  private Map<String, String> environment() throws IOException {
    var made = Files.getLastModifiedTime(source.tarball());
    return Map.of(
        "KBUILD_BUILD_TIMESTAMP",
        made.toString(),
        "KBUILD_BUILD_VERSION",
        "1",
        "KBUILD_BUILD_USER",
        "dormouse",
        "KBUILD_BUILD_HOST",
        "localhost",
        "SOURCE_DATE_EPOCH",
        Long.toString(made.toMillis() / 1000),
        "LOCALVERSION",
        "",
        "LC_ALL",
        "C");
  }

  /** Deletes a file, or a folder with all that is in it. */
  static void delete(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      try (Stream<Path> all = Files.walk(path)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    } else {
      Files.deleteIfExists(path);
    }
  }
}
