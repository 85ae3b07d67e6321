package org.dormouse.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.dormouse.initramfs.JvmProfile;
import org.dormouse.initramfs.Program;

/**
 * The programs of Dormouse, and the jars of the running one that they are made of.
 *
 * @param jars the jars of this process's class path
 */
public record Installation(List<Path> jars) {
  private static final List<String> AGENT =
      List.of("agent", "core", "aircompressor-v3", "bcprov-jdk18on");
  private static final List<String> COMMAND =
      List.of(
          "cli",
          "initramfs",
          "agent",
          "core",
          "picocli",
          "aircompressor-v3",
          "bcprov-jdk18on",
          "commons-compress",
          "commons-io",
          "commons-codec",
          "commons-lang3");

  /** Copies the list. */
  public Installation {
    jars = List.copyOf(jars);
  }

  /** That which is running. */
  public static Installation running() {
    return new Installation(
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> entry.endsWith(".jar"))
            .map(Path::of)
            .filter(Files::isRegularFile)
            .toList());
  }

  /**
   * What {@code /init} runs.
   *
   * @param scratch a folder of a disk for the training run's files
   */
  public Program agent(Path scratch) throws IOException {
    return new Program(
        "agent",
        "org.dormouse.agent.Main",
        names(AGENT),
        JvmProfile.SAVER,
        Program.Launcher.PLAIN,
        List.of("--train", scratch.toString()));
  }

  /**
   * The {@code dormouse} command, to be installed in a system.
   *
   * @param scratch a folder of a disk for the training run's files
   */
  public Program command(Path scratch) throws IOException {
    return new Program(
        "dormouse",
        "org.dormouse.cli.Main",
        names(COMMAND),
        JvmProfile.COMMAND,
        Program.Launcher.ASKS_DAEMON,
        List.of("train", scratch.toString()));
  }

  /** The jars that {@link #agent} needs. */
  public List<Path> agentJars() throws IOException {
    return find(AGENT);
  }

  /** The jars that {@link #agent} and {@link #command} need. */
  public List<Path> allJars() throws IOException {
    return find(COMMAND);
  }

  private List<String> names(List<String> artifacts) throws IOException {
    return find(artifacts).stream().map(jar -> jar.getFileName().toString()).toList();
  }

  private List<Path> find(List<String> artifacts) throws IOException {
    List<Path> found = new ArrayList<>();
    for (String artifact : artifacts) {
      found.add(
          jars.stream()
              .filter(jar -> jar.getFileName().toString().matches(artifact + "-[0-9].*\\.jar"))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IOException(
                          "the jar of " + artifact + " is not on the class path " + jars)));
    }
    return found;
  }
}
