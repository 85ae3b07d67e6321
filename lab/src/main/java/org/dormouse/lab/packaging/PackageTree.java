package org.dormouse.lab.packaging;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** The files of a package, where they will be on a system, below a folder. */
final class PackageTree {
  /** Where the package's own files are; everything else is installed. */
  private static final String CONTROL = "DEBIAN";

  private static final int KIB = 1024;

  private final Path root;

  PackageTree(Path root) {
    this.root = root;
  }

  Path root() {
    return root;
  }

  /** Where a path of the system is in this tree, with the folder that it is in. */
  Path at(String path) throws IOException {
    Path file = root.resolve(path.substring(1));
    Files.createDirectories(file.getParent());
    return file;
  }

  /** Writes one of the package's own files. */
  void control(String name, String text) throws IOException {
    text("/" + CONTROL + "/" + name, text);
  }

  /** Writes a script that is run when the package is installed or removed. */
  void script(String name) throws IOException {
    control(name, resource(name));
    root.resolve(CONTROL).resolve(name).toFile().setExecutable(true);
  }

  /** Installs a program that lies beside this class. */
  void program(String path, String name) throws IOException {
    text(path, resource(name));
    at(path).toFile().setExecutable(true);
  }

  void text(String path, String text) throws IOException {
    Files.writeString(at(path), text);
  }

  /** Copies a folder with all that is in it. Times are kept. */
  void copy(Path folder, String path) throws IOException {
    Path target = at(path);
    try (Stream<Path> found = Files.walk(folder)) {
      for (Path source : found.sorted().toList()) {
        Files.copy(
            source,
            target.resolve(folder.relativize(source).toString()),
            StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  void link(String path, String target) throws IOException {
    Files.createSymbolicLink(at(path), Path.of(target));
  }

  /** A file that lies beside this class. */
  static String resource(String name) throws IOException {
    try (InputStream in = PackageTree.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("the file " + name + " is not in this build");
      }
      return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  /** Gives all files the permissions of a package, whatever those of who builds it are. */
  void setPermissions() throws IOException {
    for (Path path : all()) {
      if (!Files.isSymbolicLink(path)) {
        boolean opens = Files.isDirectory(path) || Files.isExecutable(path);
        Files.setPosixFilePermissions(
            path, PosixFilePermissions.fromString(opens ? "rwxr-xr-x" : "rw-r--r--"));
      }
    }
  }

  /** What is installed takes, in KiB, as {@code dpkg-gencontrol} counts it. */
  long installedKib() throws IOException {
    long kib = 0;
    for (Path path : installed()) {
      kib += isFile(path) ? (Files.size(path) + KIB - 1) / KIB : 1;
    }
    return kib;
  }

  /**
   * The digests of all that is installed, but for what an administrator may change.
   *
   * @param changeable paths on the system
   */
  String md5sums(List<String> changeable) throws IOException {
    StringBuilder sums = new StringBuilder();
    for (Path path : installed()) {
      String name = root.relativize(path).toString();
      if (isFile(path) && !changeable.contains("/" + name)) {
        sums.append(md5(path)).append("  ").append(name).append('\n');
      }
    }
    return sums.toString();
  }

  private static String md5(Path file) throws IOException {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("MD5").digest(Files.readAllBytes(file)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has MD5", e);
    }
  }

  private static boolean isFile(Path path) {
    return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
  }

  private List<Path> installed() throws IOException {
    Path control = root.resolve(CONTROL);
    return all().stream().filter(path -> !path.startsWith(control)).toList();
  }

  private List<Path> all() throws IOException {
    try (Stream<Path> found = Files.walk(root)) {
      return found.sorted().toList();
    }
  }
}
