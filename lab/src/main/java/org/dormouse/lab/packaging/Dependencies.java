package org.dormouse.lab.packaging;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** Which packages the software needs: a pure function of what its ELF files need. */
final class Dependencies {
  /**
   * What the programs call, or put into an initramfs: kexec-tools, a busybox that is one file, and
   * what unpacks the modules of newer kernels of Debian's. libcrypto is loaded by its name when an
   * image is sealed.
   */
  private static final List<String> ALWAYS =
      List.of("busybox-static", "kexec-tools", "libssl3", "xz-utils");

  private static final String LIBC = "libc6";

  /** Where Debian has a library. */
  private static final Map<String, String> PACKAGES =
      Map.ofEntries(
          Map.entry("libc.so.6", LIBC),
          Map.entry("libdl.so.2", LIBC),
          Map.entry("libm.so.6", LIBC),
          Map.entry("libpthread.so.0", LIBC),
          Map.entry("librt.so.1", LIBC),
          Map.entry("ld-linux-x86-64.so.2", LIBC),
          Map.entry("libz.so.1", "zlib1g"),
          Map.entry("libgcc_s.so.1", "libgcc-s1"),
          Map.entry("libstdc++.so.6", "libstdc++6"));

  private Dependencies() {}

  /**
   * The value of the field {@code Depends}.
   *
   * @param needs of all ELF files
   * @param own the names of the libraries that come along
   * @throws IllegalArgumentException if a library is needed of which it is not known who has it
   */
  static String of(List<ElfNeeds> needs, Set<String> own) {
    SortedSet<String> packages = new TreeSet<>(ALWAYS);
    for (ElfNeeds file : needs) {
      for (String library : file.libraries()) {
        if (!own.contains(library)) {
          packages.add(packageOf(library));
        }
      }
    }
    Optional<ElfNeeds.LibcVersion> libc =
        needs.stream().flatMap(file -> file.libc().stream()).max(Comparator.naturalOrder());
    List<String> items = new ArrayList<>();
    for (String name : packages) {
      items.add(
          name.equals(LIBC)
              ? libc.map(version -> LIBC + " (>= " + version + ")").orElse(LIBC)
              : name);
    }
    return String.join(", ", items);
  }

  private static String packageOf(String library) {
    String found = PACKAGES.get(library);
    if (found == null) {
      throw new IllegalArgumentException("it is not known which package has " + library);
    }
    return found;
  }
}
