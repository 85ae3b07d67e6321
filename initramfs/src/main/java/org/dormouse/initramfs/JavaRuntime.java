package org.dormouse.initramfs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Links a Java runtime of few modules and takes out what is not needed to run a program. */
record JavaRuntime(Path folder) {

  /** What all is written against, and what Bouncy Castle's classes want to log with. */
  private static final String MODULES = "java.base,java.logging";

  // The runtime image is compressed although the initramfs is too: it stays compressed in the
  // saver kernel's memory, and with an AOT cache hardly a class is read from it.
  private static final String COMPRESSION = "zip-9";

  /**
   * What jlink puts into a runtime and no program of ours reads. libsimdsort serves only code that
   * C2 compiles; the JVM does without it if it is not there.
   */
  private static final List<String> UNNEEDED =
      List.of(
          "bin/keytool",
          "legal",
          "release",
          "conf/sdp",
          "lib/classlist",
          "lib/jexec",
          "lib/jrt-fs.jar",
          "lib/libjsig.so",
          "lib/libsimdsort.so",
          "lib/server/libjsig.so",
          "lib/security/cacerts",
          "lib/security/public_suffix_list.dat");

  /** Where systems keep it: Debian, Fedora and its kin, others. */
  private static final List<Path> LIBCRYPTO =
      List.of(
          Path.of("/usr/lib/x86_64-linux-gnu/libcrypto.so.3"),
          Path.of("/usr/lib64/libcrypto.so.3"),
          Path.of("/usr/lib/libcrypto.so.3"));

  private static final byte[] ELF_MAGIC = {0x7f, 'E', 'L', 'F'};

  /** Makes the runtime. The folder must not exist yet. */
  static JavaRuntime link(JavaHome jdk, Path folder) throws IOException {
    Command.of(
            jdk.jlink(),
            "--add-modules",
            MODULES,
            "--strip-debug",
            "--no-man-pages",
            "--no-header-files",
            "--compress",
            COMPRESSION,
            "--output",
            folder)
        .run();
    for (String name : UNNEEDED) {
      Folders.delete(folder.resolve(name));
    }
    JavaRuntime runtime = new JavaRuntime(folder);
    runtime.addLibcrypto();
    for (Path file : runtime.nativeFiles()) {
      Command.of("strip", "--strip-unneeded", file).run();
    }
    return runtime;
  }

  /**
   * libcrypto is the system's, which keeps it up to date; sealed images are made and read by it.
   */
  private void addLibcrypto() throws IOException {
    Path library = systemLibcrypto();
    // What a link leads to.
    Files.copy(library, libraries().resolve(library.getFileName()));
  }

  /**
   * The libcrypto that goes with this runtime: its own, or the system's, if it is installed on a
   * system that keeps its own up to date.
   *
   * @throws IOException if there is none
   */
  Path libcrypto() throws IOException {
    Path own = libraries().resolve(LIBCRYPTO.getFirst().getFileName());
    return Files.exists(own) ? own : systemLibcrypto();
  }

  private static Path systemLibcrypto() throws IOException {
    for (Path library : LIBCRYPTO) {
      if (Files.exists(library)) {
        return library;
      }
    }
    throw new IOException("libcrypto.so.3 is not installed; Debian has it in libssl3");
  }

  /** The ELF files of the runtime: the launcher and the libraries. */
  List<Path> nativeFiles() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> found = new ArrayList<>();
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        if (isElf(file)) {
          found.add(file);
        }
      }
      return found;
    }
  }

  /** Where the runtime has its native libraries. */
  Path libraries() {
    return folder.resolve("lib");
  }

  Path java() {
    return folder.resolve("bin/java");
  }

  static boolean isElf(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return Arrays.equals(in.readNBytes(4), ELF_MAGIC);
    }
  }
}
