package org.dormouse.initramfs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A folder laid out as it will be found at {@link #HOME}, in the initramfs and in a guest.
 *
 * <pre>
 * runtime/        a Java runtime of few modules, and in its lib/ the native libraries of the jars
 * lib/*.jar       the jars
 * aot/NAME.aot    what program NAME's training run loaded and linked (JEP 483, 514)
 * bin/NAME        program NAME's launcher, a script
 * </pre>
 *
 * The tree can be copied elsewhere if file times are kept: the JVM knows the jars and the runtime
 * image by size and time, and their paths only relative to each other. Launchers look in {@code
 * $DORMOUSE_HOME}, else in {@link #HOME}.
 *
 * @param folder where the tree is on this machine
 * @param programs what it holds
 */
public record SoftwareTree(Path folder, List<Program> programs) {

  /** Where the tree belongs. */
  public static final String HOME = "/usr/lib/dormouse";

  private static final String RUNTIME = "runtime";

  public SoftwareTree {
    programs = List.copyOf(programs);
  }

  /**
   * Stages a tree: links the runtime, copies the jars, trains each program.
   *
   * @param jars files, each with a name of its own
   * @param folder must not exist, or is replaced
   * @throws IOException if a jar is missing, or a tool or a training run fails; the message has
   *     what it printed
   */
  public static SoftwareTree stage(
      JavaHome jdk, List<Path> jars, List<Program> programs, Path folder) throws IOException {
    SoftwareTree tree = new SoftwareTree(folder.toAbsolutePath(), programs);
    Folders.delete(tree.folder);
    for (String name : List.of("lib", "aot", "bin")) {
      Files.createDirectories(tree.folder.resolve(name));
    }
    tree.copyJars(jars);
    JavaRuntime.link(jdk, tree.runtime().folder());
    for (Path jar : jars) {
      LeanJar.copyLibraries(jar, tree.runtime().libraries());
    }
    // Before the training: the AOT cache remembers the times.
    Folders.setTimes(tree.folder);
    for (Program program : programs) {
      tree.train(program);
      tree.writeLauncher(program);
    }
    Folders.setTimes(tree.folder);
    return tree;
  }

  /**
   * The tree that a Java runtime is part of, for it has been staged already.
   *
   * @param javaHome the folder of the runtime
   * @param program what the tree has to hold
   * @return empty if the runtime is that of a JDK, or the tree does not hold all of the program
   */
  public static Optional<SoftwareTree> around(Path javaHome, Program program) {
    Path folder = javaHome.toAbsolutePath().getParent();
    if (folder == null || !javaHome.endsWith(RUNTIME)) {
      return Optional.empty();
    }
    SoftwareTree tree = new SoftwareTree(folder, List.of(program));
    return tree.parts(program).stream().map(folder::resolve).allMatch(Files::isRegularFile)
        ? Optional.of(tree)
        : Optional.empty();
  }

  /** The files of a program within the tree, without the runtime. */
  List<String> parts(Program program) {
    List<String> parts = new ArrayList<>();
    parts.add(program.launcherPath());
    parts.add(program.cachePath());
    program.jars().forEach(jar -> parts.add("lib/" + jar));
    return parts;
  }

  /**
   * The words that start a program of this tree where it is now, without the program's arguments.
   */
  public List<String> command(Program program) {
    return command(program, "-XX:AOTCache=" + folder.resolve(program.cachePath()));
  }

  /**
   * The runtime's ELF files.
   *
   * @throws IOException if there is no runtime
   */
  public List<Path> nativeFiles() throws IOException {
    return runtime().nativeFiles();
  }

  JavaRuntime runtime() {
    return new JavaRuntime(folder.resolve(RUNTIME));
  }

  private List<String> command(Program program, String cacheFlag) {
    List<String> words = new ArrayList<>();
    words.add(runtime().java().toString());
    words.addAll(program.profile().flags());
    words.add(cacheFlag);
    words.add("-cp");
    words.add(classPath(program, folder.toString()));
    words.add(program.mainClass());
    return words;
  }

  private static String classPath(Program program, String home) {
    return program.jars().stream()
        .map(jar -> home + "/lib/" + jar)
        .collect(Collectors.joining(":"));
  }

  private void copyJars(List<Path> jars) throws IOException {
    for (Path jar : jars) {
      Path target = folder.resolve("lib").resolve(jar.getFileName().toString());
      if (!Files.isRegularFile(jar) || Files.exists(target)) {
        throw new IOException(jar + ": no such file, or a second jar of this name");
      }
      LeanJar.copy(jar, target);
    }
    for (Program program : programs) {
      for (String jar : program.jars()) {
        if (!Files.exists(folder.resolve("lib").resolve(jar))) {
          throw new IOException(program.name() + ": " + jar + " is not among the jars given");
        }
      }
    }
  }

  void train(Program program) throws IOException {
    Path cache = folder.resolve(program.cachePath());
    List<String> words = new ArrayList<>(command(program, "-XX:AOTCacheOutput=" + cache));
    words.addAll(program.training());
    String output = new Command(words).run();
    if (!Files.exists(cache)) {
      throw new IOException(program.name() + ": training made no AOT cache\n" + output);
    }
  }

  private void writeLauncher(Program program) throws IOException {
    Path launcher = folder.resolve(program.launcherPath());
    String script =
        String.join(
            "\n",
            "#!/bin/sh",
            "# Starts " + program.mainClass() + ". Generated; the flags are in JvmProfile.",
            "home=${DORMOUSE_HOME:-" + HOME + "}",
            "java=$home/runtime/bin/java",
            "cache=" + program.cachePath(),
            "export MALLOC_ARENA_MAX=1",
            "# program PREFIX ARGUMENT...: becomes the program, started by PREFIX if that is not empty.",
            "program() {",
            "  prefix=$1",
            "  shift",
            "  exec $prefix \"$java\" \\",
            program.profile().flags().stream()
                .collect(Collectors.joining(" \\\n    ", "    ", " \\")),
            "    \"-XX:AOTCache=$home/$cache\" \\",
            "    -cp \"" + classPath(program, "$home") + "\" \\",
            "    " + program.mainClass() + " \"$@\"",
            "}",
            switch (program.launcher()) {
              case PLAIN -> "program '' \"$@\"\n";
              case ASKS_DAEMON -> resource("ask-daemon");
            });
    Files.writeString(launcher, script);
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static String resource(String name) throws IOException {
    try (InputStream found = SoftwareTree.class.getResourceAsStream(name)) {
      return new String(found.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
