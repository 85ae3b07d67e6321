package org.dormouse.lab.guest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/** A folder of the host that is filled to become the root of a file system. */
final class StagedFolder {
  private final Path root;

  StagedFolder(Path root) throws IOException {
    this.root = root;
    Files.createDirectories(root);
  }

  Path root() {
    return root;
  }

  private Path inside(String path) throws IOException {
    Path target = root.resolve(path.substring(1)).normalize();
    if (!path.startsWith("/") || !target.startsWith(root)) {
      throw new IllegalArgumentException("not an absolute path: " + path);
    }
    Files.createDirectories(target.getParent());
    return target;
  }

  void folder(String path) throws IOException {
    Files.createDirectories(inside(path));
  }

  void symbolicLink(String path, String target) throws IOException {
    Files.createSymbolicLink(inside(path), Path.of(target));
  }

  void text(String path, String content) throws IOException {
    Files.writeString(inside(path), content);
  }

  /** Puts a script there that is a resource of this package. */
  void script(String path, String resource) throws IOException {
    Path target = inside(path);
    try (InputStream in = StagedFolder.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("the resource " + resource + " is not in this build");
      }
      Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
    }
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Puts a file there, or what the symbolic link points to. */
  void file(String path, Path source) throws IOException {
    linkOrCopy(source.toRealPath(), inside(path));
  }

  /** Puts a folder there with everything in it, symbolic links as such. */
  void tree(String path, Path source) throws IOException {
    Path target = inside(path);
    Files.walkFileTree(
        source.toRealPath(),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(counterpart(folder));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isSymbolicLink()) {
              Files.copy(file, counterpart(file), LinkOption.NOFOLLOW_LINKS);
            } else {
              linkOrCopy(file, counterpart(file));
            }
            return FileVisitResult.CONTINUE;
          }

          private Path counterpart(Path path) throws IOException {
            return target.resolve(source.toRealPath().relativize(path).toString());
          }
        });
  }

  /** A hard link costs nothing, but not every file may be linked to from everywhere. */
  private static void linkOrCopy(Path source, Path target) throws IOException {
    try {
      Files.createLink(target, source);
    } catch (FileSystemException | ProviderMismatchException e) {
      Files.copy(source, target, StandardCopyOption.COPY_ATTRIBUTES);
    }
  }
}
