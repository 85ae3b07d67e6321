package org.dormouse.initramfs;

import java.util.List;

/**
 * A program of a {@link SoftwareTree}.
 *
 * @param name of the launcher in {@code bin/} and of the AOT cache
 * @param mainClass fully qualified
 * @param jars the file names of the jars on its class path, in this order
 * @param profile the JVM's settings
 * @param launcher how the launcher starts it
 * @param training arguments for a run, when the tree is staged, that touches what a real run
 *     touches; what it loads and links goes into the AOT cache. It must end by itself, with exit
 *     code 0
 */
public record Program(
    String name,
    String mainClass,
    List<String> jars,
    JvmProfile profile,
    Launcher launcher,
    List<String> training) {
  /** What a launcher is like. */
  public enum Launcher {
    /** Becomes the program. */
    PLAIN,
    /** Has some commands done by a process that stays: {@code ask-daemon}. */
    ASKS_DAEMON
  }

  public Program {
    if (!name.matches("[a-z][a-z0-9-]*")) {
      throw new IllegalArgumentException("not a program name: " + name);
    }
    if (jars.isEmpty()) {
      throw new IllegalArgumentException(name + ": no jars");
    }
    jars = List.copyOf(jars);
    training = List.copyOf(training);
  }

  /** Where the launcher is within the tree. */
  String launcherPath() {
    return "bin/" + name;
  }

  /** Where the AOT cache is within the tree. */
  String cachePath() {
    return "aot/" + name + ".aot";
  }
}
