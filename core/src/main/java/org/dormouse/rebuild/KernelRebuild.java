package org.dormouse.rebuild;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.dormouse.linux.LoggedProgram;
import org.dormouse.rebuild.ConfigurationDifference.Change;
import org.dormouse.rebuild.ConfigurationDifference.Kind;
import org.dormouse.text.ReportException;

/**
 * Builds a kernel by a plan. Each step leaves behind what the next run finds done: an interrupted
 * build goes on.
 */
public final class KernelRebuild {
  /** Is told how it gets on. */
  public interface Journal {
    /** A step begins. */
    void step(String name);

    /** A line about the step. */
    void line(String text);

    /** So many files have been compiled by this run. */
    void compiled(long files);
  }

  /**
   * How programs run here: they end with this process, however that ends, and take what time others
   * leave.
   */
  private static final List<String> QUIETLY =
      List.of("setpriv", "--pdeathsig", "TERM", "nice", "-n", "19", "ionice", "-c", "3", "-t");

  private final RebuildPlan plan;
  private final RebuildRequest request;
  private final BuildFolder folder;
  private final Journal journal;

  /**
   * Builds nothing yet.
   *
   * @param plan made of {@code request}
   */
  public KernelRebuild(RebuildPlan plan, RebuildRequest request, Journal journal) {
    this.plan = plan;
    this.request = request;
    this.folder = new BuildFolder(request.folder(), plan.source());
    this.journal = journal;
  }

  /**
   * Builds it, or goes on building it.
   *
   * @return the package's file
   */
  public Path run() throws IOException {
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
      unpack();
      configure();
      compile();
      return pack();
    }
  }

  private void unpack() throws IOException {
    if (Files.isDirectory(folder.tree())) {
      return;
    }
    journal.step("unpack " + plan.source().name() + " " + plan.source().version());
    removeOthers();
    Files.createDirectories(folder.unpacking());
    run(
        folder.unpacking(),
        _ -> {},
        List.of("tar", "--extract", "--xz", "--file=" + plan.source().tarball()));
    Files.move(
        folder.unpacking().resolve(plan.source().name()),
        folder.tree(),
        StandardCopyOption.ATOMIC_MOVE);
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

  private void configure() throws IOException {
    String stamp = stamp();
    if (Files.exists(folder.stamp()) && Files.readString(folder.stamp()).equals(stamp)) {
      return;
    }
    journal.step("configure");
    Files.deleteIfExists(folder.stamp());
    write(plan.wanted());
    make("olddefconfig");
    if (plan.modules() instanceof ModuleChoice.Named named) {
      KernelConfiguration whole = made();
      Files.write(folder.modules(), named.names());
      // It asks about what it has turned up; what it makes of the answers is not taken over.
      run(
          folder.tree(),
          _ -> {},
          List.of(
              "sh",
              "-c",
              "yes '' | LSMOD=\"$1\" make localmodconfig",
              "sh",
              "" + folder.modules()));
      write(JumpConfiguration.withoutModules(whole, made()));
      make("olddefconfig");
    }
    check();
    Files.writeString(folder.stamp(), stamp);
  }

  private String stamp() {
    String modules =
        switch (plan.modules()) {
          case ModuleChoice.All _ -> "all";
          case ModuleChoice.Named named -> String.join("\n", named.names());
        };
    return plan.wanted().text() + "\nmodules:\n" + modules + "\n";
  }

  private void write(KernelConfiguration configuration) throws IOException {
    Files.writeString(folder.configuration(), configuration.text());
  }

  private KernelConfiguration made() throws IOException {
    return KernelConfiguration.parse(Files.readString(folder.configuration()));
  }

  private void check() throws IOException {
    KernelConfiguration made = made();
    ConfigurationDifference difference =
        ConfigurationDifference.between(plan.original().configuration(), made, plan.modules());
    difference.lines().forEach(journal::line);
    List<String> unmeant =
        difference.of(Kind.UNMEANT).stream()
            .map(Change::name)
            .filter(name -> !request.accepted().contains(name))
            .toList();
    if (!unmeant.isEmpty()) {
      throw new ReportException(
          "the configuration has come out otherwise than the distribution's in "
              + String.join(", ", unmeant),
          "Nothing has been compiled with it.",
          "Name the modules that it stands on in a file for --modules; or, if the difference does"
              + " not matter, give --accept "
              + String.join(",", unmeant)
              + ".");
    }
    if (!made.has(JumpConfiguration.JUMP)) {
      throw new ReportException(
          "the kernel's tools did not take CONFIG_KEXEC_JUMP",
          "Nothing has been compiled.",
          "See what it depends on in " + folder.tree() + "/kernel/Kconfig.kexec.");
    }
  }

  private void compile() throws IOException {
    journal.step("compile");
    AtomicLong compiled = new AtomicLong();
    List<String> words = new ArrayList<>(List.of("make", "-j" + request.jobs(), "bzImage"));
    if (made().has("MODULES")) {
      words.add("modules");
    }
    run(
        folder.tree(),
        line -> {
          if (line.startsWith("  CC ") || line.startsWith("  AS ")) {
            journal.compiled(compiled.incrementAndGet());
          }
        },
        words);
  }

  private Path pack() throws IOException {
    String release =
        Files.readString(folder.tree().resolve("include/config/kernel.release")).strip();
    KernelPackage packed = KernelPackage.of(release, plan.source());
    journal.step("pack " + packed.fileName());
    delete(folder.contents());
    Path boot = Files.createDirectories(folder.contents().resolve("boot"));
    copy("arch/x86/boot/bzImage", boot.resolve("vmlinuz-" + release));
    copy("System.map", boot.resolve("System.map-" + release));
    copy(".config", boot.resolve("config-" + release));
    if (made().has("MODULES")) {
      installModules(release);
    }
    writeControl(packed);
    Path unfinished = folder.folder().resolve(".unfinished.deb");
    run(
        folder.folder(),
        _ -> {},
        List.of(
            "dpkg-deb",
            "--root-owner-group",
            "--build",
            folder.contents().toString(),
            unfinished.toString()));
    Path finished = folder.folder().resolve(packed.fileName());
    Files.move(unfinished, finished, StandardCopyOption.ATOMIC_MOVE);
    delete(folder.contents());
    return finished;
  }

  private void copy(String made, Path to) throws IOException {
    Files.copy(folder.tree().resolve(made), to);
    Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rw-r--r--"));
  }

  private void installModules(String release) throws IOException {
    make("INSTALL_MOD_PATH=" + folder.contents(), "INSTALL_MOD_STRIP=1", "modules_install");
    // Where this machine has built it is nothing to another one.
    Files.deleteIfExists(
        folder.contents().resolve("lib/modules").resolve(release).resolve("build"));
  }

  private void writeControl(KernelPackage packed) throws IOException {
    long bytes;
    try (Stream<Path> all = Files.walk(folder.contents())) {
      bytes = all.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
    Path control = Files.createDirectories(folder.contents().resolve("DEBIAN"));
    Files.writeString(control.resolve("control"), packed.control(Math.ceilDiv(bytes, 1024)));
    for (Map.Entry<String, String> script : packed.scripts().entrySet()) {
      Path file = Files.writeString(control.resolve(script.getKey()), script.getValue());
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    try (Stream<Path> all = Files.walk(folder.contents())) {
      for (Path each : all.filter(Files::isDirectory).toList()) {
        Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    }
  }

  private void make(String... targets) throws IOException {
    run(folder.tree(), _ -> {}, Stream.concat(Stream.of("make"), Stream.of(targets)).toList());
  }

  private void run(Path where, Consumer<String> lines, List<String> words) throws IOException {
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
    var made = Files.getLastModifiedTime(plan.source().tarball());
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

  private static void delete(Path path) throws IOException {
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
