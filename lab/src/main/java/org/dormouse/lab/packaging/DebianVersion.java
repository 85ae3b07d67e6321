package org.dormouse.lab.packaging;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version as Debian's tools order them.
 *
 * @param text upstream's, a hyphen, and the revision of the package
 */
record DebianVersion(String text) {
  private static final Pattern CLI_JAR = Pattern.compile("cli-([0-9].*)\\.jar");
  private static final String REVISION = "-1";

  /**
   * That of the software.
   *
   * @param jars files, with that of the command among them
   * @throws IllegalArgumentException if it is not
   */
  static DebianVersion of(List<Path> jars) {
    return jars.stream()
        .map(jar -> CLI_JAR.matcher(jar.getFileName().toString()))
        .filter(Matcher::matches)
        .map(match -> ofMaven(match.group(1)))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no jar of the command in " + jars));
  }

  /**
   * What Maven calls {@code 1.2-SNAPSHOT} comes before {@code 1.2}; in Debian what follows a tilde
   * does.
   */
  static DebianVersion ofMaven(String version) {
    return new DebianVersion(version.toLowerCase(Locale.ROOT).replace('-', '~') + REVISION);
  }
}
