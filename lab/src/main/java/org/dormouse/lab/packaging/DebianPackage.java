package org.dormouse.lab.packaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dormouse.cli.Main;
import org.dormouse.initramfs.Folders;
import org.dormouse.initramfs.InitramfsTools;
import org.dormouse.initramfs.JavaHome;
import org.dormouse.initramfs.SoftwareTree;
import org.dormouse.lab.setup.CacheFolder;
import org.dormouse.lab.setup.Reporter;
import org.dormouse.lab.setup.SetupException;
import org.dormouse.lab.setup.Tool;
import org.dormouse.setup.SetupPlan;
import picocli.CommandLine;

/**
 * Builds the package. The same software gives the same bytes: all times are {@link Folders#TIME},
 * that of the jars, which the Java runtime's caches know by it.
 */
public final class DebianPackage {
  private static final String CONFIGURATION = "/etc/dormouse.conf";
  private static final String DOCUMENTS = "/usr/share/doc/dormouse/";

  /** Where a merged /usr is not told of yet, and where it is. */
  private static final String UNIT_FOLDER = "/lib/systemd/system/";

  /** Nothing starts them but a setup of the machine. */
  private static final List<String> UNITS = List.of(SetupPlan.ARM_UNIT, SetupPlan.DISARM_UNIT);

  /** What is run when it is installed or removed. */
  private static final List<String> SCRIPTS = List.of("postinst", "prerm", "postrm");

  private static final String MANUAL = "/usr/share/man/man" + ManualPages.SECTION + "/";

  /** It is the system's, which keeps it up to date; what is staged for an initramfs has a copy. */
  private static final String COPIED_LIBRARY = SoftwareTree.HOME + "/runtime/lib/libcrypto.so.3";

  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "LC_ALL",
          "C.UTF-8",
          "TZ",
          "UTC",
          "SOURCE_DATE_EPOCH",
          String.valueOf(Folders.TIME.toInstant().getEpochSecond()),
          // With more, what comes out depends on how many processors there are.
          "DPKG_DEB_THREADS_MAX",
          "1");

  private final CacheFolder cache;
  private final Reporter reporter;

  /**
   * @param cache for the log
   * @param reporter is told about the steps
   */
  public DebianPackage(CacheFolder cache, Reporter reporter) {
    this.cache = cache;
    this.reporter = reporter;
  }

  /**
   * Builds it.
   *
   * @param software the staged software: see {@link SoftwareTree}
   * @param documents the folder with what the manual refers to
   * @param output the folder for the package; one of the same name is replaced
   * @return the file
   */
  public Path build(Path software, Path documents, Path output) throws SetupException {
    return reporter.step(
        "package: manual pages, files, packing",
        () -> {
          try {
            Path scratch = Files.createTempDirectory("dormouse-package");
            try {
              return build(software, documents, output, scratch);
            } finally {
              Folders.delete(scratch);
            }
          } catch (IOException | IllegalArgumentException e) {
            throw new SetupException(
                "the package could not be made: " + e.getMessage(),
                "What was begun has been deleted.",
                "Free some space in the folder for temporary files and in "
                    + output
                    + ", if it is that;\notherwise this is a bug to report.",
                e);
          }
        });
  }

  private Path build(Path software, Path documents, Path output, Path scratch)
      throws SetupException, IOException {
    Path log = cache.log("package");
    Files.deleteIfExists(log);
    Tool tool = new Tool(scratch, log, ENVIRONMENT);
    PackageTree tree = new PackageTree(Files.createDirectory(scratch.resolve("tree")));
    DebianVersion version = DebianVersion.of(files(software.resolve("lib")));
    CommandLine command = Main.commandLine();

    tree.copy(software, SoftwareTree.HOME);
    Files.deleteIfExists(tree.at(COPIED_LIBRARY));
    InitramfsTools.writeTo(tree.root());
    tree.link("/usr/sbin/dormouse", "../lib/dormouse/bin/dormouse");
    tree.program(SoftwareTree.HOME + "/systemd-sleep", "systemd-sleep");
    tree.program(SoftwareTree.HOME + "/saver-for-kernel", "saver-for-kernel");
    for (String unit : UNITS) {
      tree.text(UNIT_FOLDER + unit, PackageTree.resource(unit));
    }
    tree.text(CONFIGURATION, PackageTree.resource("dormouse.conf"));
    tree.text("/usr/share/bash-completion/completions/dormouse", Completion.bash(command));
    tree.text("/usr/share/zsh/vendor-completions/_dormouse", Completion.zsh(command));
    tree.text("/usr/share/lintian/overrides/dormouse", PackageTree.resource("lintian-overrides"));
    addManual(tree, command, scratch, tool);
    tree.copy(documents, DOCUMENTS + "docs");
    addDocuments(tree, version, tool);
    addControl(tree, version, tool);
    tree.setPermissions();
    Folders.setTimes(tree.root());

    Path made = scratch.resolve(ControlFields.fileName(version));
    tool.run(
        List.of(
            "dpkg-deb",
            "--root-owner-group",
            // The usual level takes four times as long for 6 % less: most of it is compressed
            // already.
            "-Zxz",
            "-z1",
            "--build",
            tree.root().toString(),
            made.toString()));
    Files.createDirectories(output);
    return Files.move(
        made, output.resolve(made.getFileName()), StandardCopyOption.REPLACE_EXISTING);
  }

  private static void addDocuments(PackageTree tree, DebianVersion version, Tool tool)
      throws SetupException, IOException {
    String changelog = DOCUMENTS + "changelog.Debian";
    tree.text(changelog, ControlFields.changelog(version, Folders.TIME.toInstant()));
    compress(tree.at(changelog), tool);
    tree.text(DOCUMENTS + "copyright", PackageTree.resource("copyright"));
    Path notices = JavaHome.running().folder().resolve("legal/java.base");
    if (Files.isDirectory(notices)) {
      for (Path notice : files(notices)) {
        // The licence itself is on every Debian system.
        if (!notice.endsWith("LICENSE")) {
          Files.copy(notice, tree.at(DOCUMENTS + "java/" + notice.getFileName()));
        }
      }
    }
  }

  private static void addManual(PackageTree tree, CommandLine command, Path scratch, Tool tool)
      throws SetupException, IOException {
    Path sources = Files.createDirectory(scratch.resolve("manual"));
    List<String> words =
        new ArrayList<>(
            List.of(
                "asciidoctor",
                "--backend=manpage",
                "--failure-level=WARN",
                "--destination-dir=" + tree.at(MANUAL + "x").getParent()));
    for (Map.Entry<String, String> page : ManualPages.of(command).entrySet()) {
      Path source = sources.resolve(page.getKey() + ".adoc");
      Files.writeString(source, page.getValue());
      words.add(source.toString());
    }
    tool.run(words);
    for (Path page : files(tree.at(MANUAL + "x").getParent())) {
      compress(page, tool);
    }
  }

  /** Without the name and time of the file. */
  private static void compress(Path file, Tool tool) throws SetupException {
    tool.run(List.of("gzip", "-9", "--no-name", file.toString()));
  }

  private static void addControl(PackageTree tree, DebianVersion version, Tool tool)
      throws SetupException, IOException {
    ControlFields fields =
        new ControlFields(version, dependencies(tree, tool), tree.installedKib());
    tree.control("control", fields.text());
    tree.control("md5sums", tree.md5sums(List.of(CONFIGURATION)));
    tree.control("conffiles", CONFIGURATION + "\n");
    for (String script : SCRIPTS) {
      tree.script(script);
    }
  }

  private static String dependencies(PackageTree tree, Tool tool)
      throws SetupException, IOException {
    List<Path> programs = new SoftwareTree(tree.at(SoftwareTree.HOME), List.of()).nativeFiles();
    List<ElfNeeds> needs = new ArrayList<>();
    for (Path program : programs) {
      List<String> lines = new ArrayList<>();
      tool.run(
          List.of("readelf", "--wide", "--dynamic", "--version-info", program.toString()),
          lines::add);
      needs.add(ElfNeeds.parse(String.join("\n", lines)));
    }
    Set<String> own =
        programs.stream()
            .map(program -> program.getFileName().toString())
            .collect(Collectors.toUnmodifiableSet());
    return Dependencies.of(needs, own);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> found = Files.list(folder)) {
      return found.sorted().toList();
    }
  }
}
