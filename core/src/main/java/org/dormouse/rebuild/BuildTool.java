package org.dormouse.rebuild;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What a kernel's build takes of the system, and Debian's package that has it. */
enum BuildTool {
  COMPILER("gcc", "build-essential"),
  MAKE("make", "build-essential"),
  ASSEMBLER("as", "binutils"),
  PERL("perl", "perl"),
  CALCULATOR("bc", "bc"),
  PARSER("bison", "bison"),
  SCANNER("flex", "flex"),
  UNPACKER("xz", "xz-utils"),
  MODULES("depmod", "kmod"),
  CERTIFICATES("openssl", "openssl"),
  PACKAGER("dpkg-deb", "dpkg"),
  /** objtool reads object files. */
  ELF("gelf.h", "libelf-dev"),
  /** The programs that sign modules. */
  SSL("openssl/evp.h", "libssl-dev");

  private static final List<String> PROGRAMS =
      List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");
  private static final List<String> HEADERS =
      List.of("/usr/local/include", "/usr/include", "/usr/include/x86_64-linux-gnu");

  private final String file;
  private final String debianPackage;

  BuildTool(String file, String debianPackage) {
    this.file = file;
    this.debianPackage = debianPackage;
  }

  /** The packages that are missing. */
  static List<String> missing() {
    return Arrays.stream(values())
        .filter(tool -> !tool.isThere())
        .map(tool -> tool.debianPackage)
        .distinct()
        .toList();
  }

  private boolean isThere() {
    List<String> folders = file.endsWith(".h") ? HEADERS : PROGRAMS;
    return folders.stream().anyMatch(folder -> Files.exists(Path.of(folder, file)));
  }
}
