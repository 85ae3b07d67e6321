package org.dormouse.rebuild;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.dormouse.rebuild.ConfigurationDifference.Change;
import org.dormouse.rebuild.ConfigurationDifference.Kind;
import org.dormouse.text.ReportException;

/** Builds a distribution's kernel by a plan. */
public final class KernelRebuild {
  private final RebuildPlan plan;
  private final RebuildRequest request;
  private final BuildFolder folder;
  private final BuildJournal journal;
  private final SourceTree tree;

  /**
   * Builds nothing yet.
   *
   * @param plan made of {@code request}
   */
  public KernelRebuild(RebuildPlan plan, RebuildRequest request, BuildJournal journal) {
    this.plan = plan;
    this.request = request;
    this.folder = new BuildFolder(request.folder(), plan.source());
    this.journal = journal;
    this.tree = new SourceTree(plan.source(), folder, request.jobs(), journal);
  }

  /**
   * Builds it, or goes on building it.
   *
   * @return the package's file
   */
  public Path run() throws IOException {
    return tree.alone(
        () -> {
          tree.unpack();
          tree.configure(stamp(), this::configure);
          tree.compile(
              tree.made().has("MODULES") ? List.of("bzImage", "modules") : List.of("bzImage"));
          return pack();
        });
  }

  private void configure() throws IOException {
    write(plan.wanted());
    tree.make("olddefconfig");
    if (plan.modules() instanceof ModuleChoice.Named named) {
      KernelConfiguration whole = tree.made();
      Files.write(folder.modules(), named.names());
      // It asks about what it has turned up; what it makes of the answers is not taken over.
      tree.run(
          folder.tree(),
          _ -> {},
          List.of(
              "sh",
              "-c",
              "yes '' | LSMOD=\"$1\" make localmodconfig",
              "sh",
              "" + folder.modules()));
      write(JumpConfiguration.withoutModules(whole, tree.made()));
      tree.make("olddefconfig");
    }
    check();
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

  private void check() throws IOException {
    KernelConfiguration made = tree.made();
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

  private Path pack() throws IOException {
    String release = tree.release();
    KernelPackage packed = KernelPackage.of(release, plan.source());
    journal.step("pack " + packed.fileName());
    SourceTree.delete(folder.contents());
    Path boot = Files.createDirectories(folder.contents().resolve("boot"));
    copy(tree.bzImage(), boot.resolve("vmlinuz-" + release));
    copy(folder.tree().resolve("System.map"), boot.resolve("System.map-" + release));
    copy(folder.configuration(), boot.resolve("config-" + release));
    if (tree.made().has("MODULES")) {
      installModules(release);
    }
    writeControl(packed);
    Path unfinished = folder.folder().resolve(".unfinished.deb");
    tree.run(
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
    SourceTree.delete(folder.contents());
    return finished;
  }

  private static void copy(Path made, Path to) throws IOException {
    Files.copy(made, to);
    Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rw-r--r--"));
  }

  private void installModules(String release) throws IOException {
    tree.make("INSTALL_MOD_PATH=" + folder.contents(), "INSTALL_MOD_STRIP=1", "modules_install");
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
}
