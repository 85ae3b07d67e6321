package org.dormouse.lab.packaging;

import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What an ELF file needs of the system it runs on.
 *
 * @param libraries by their names
 * @param libc the newest version of the C library's interface that it uses
 */
record ElfNeeds(Set<String> libraries, Optional<LibcVersion> libc) {
  private static final Pattern NEEDED = Pattern.compile("\\(NEEDED\\).*\\[(.+)]");
  private static final Pattern VERSION = Pattern.compile("GLIBC_(\\d{1,3})\\.(\\d{1,3})");

  /** Copies the set. */
  ElfNeeds {
    libraries = Set.copyOf(libraries);
  }

  /** A version of the C library's interface. */
  record LibcVersion(int major, int minor) implements Comparable<LibcVersion> {
    @Override
    public int compareTo(LibcVersion other) {
      return Comparator.comparingInt(LibcVersion::major)
          .thenComparingInt(LibcVersion::minor)
          .compare(this, other);
    }

    @Override
    public String toString() {
      return major + "." + minor;
    }
  }

  /**
   * Reads what readelf says.
   *
   * @param output of {@code readelf --wide --dynamic --version-info FILE}, in English
   */
  static ElfNeeds parse(String output) {
    Set<String> libraries =
        NEEDED
            .matcher(output)
            .results()
            .map(match -> match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    Optional<LibcVersion> libc =
        VERSION.matcher(output).results().map(ElfNeeds::version).max(Comparator.naturalOrder());
    return new ElfNeeds(libraries, libc);
  }

  private static LibcVersion version(MatchResult match) {
    return new LibcVersion(Integer.parseInt(match.group(1)), Integer.parseInt(match.group(2)));
  }
}
