package org.dormouse.lab.packaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.dormouse.lab.guest.HostCommand;

/**
 * A script of the package, run on a system that is a folder: all its paths are there, and what it
 * finds by its name is looked for there first. What it decides is as it is written.
 */
final class PackagedScript {
  private static final List<String> PATHS = List.of("/sys/", "/usr/", "/etc/", "/run/", "/var/");

  private final Path root;

  PackagedScript(Path root) throws IOException {
    this.root = root;
    Files.createDirectories(root.resolve("boot"));
    for (String path : PATHS) {
      Files.createDirectories(root.resolve(path.substring(1)));
    }
    program("ischroot", "exit 1");
    for (String name : List.of("systemctl", "deb-systemd-invoke", "update-initramfs")) {
      noting(name, "");
    }
    noting("usr/sbin/dormouse", "");
  }

  Path at(String path) {
    return root.resolve(path);
  }

  Path write(String path, String text) throws IOException {
    Files.createDirectories(at(path).getParent());
    return Files.writeString(at(path), text);
  }

  /** A program that is there. */
  void program(String path, String text) throws IOException {
    Files.setPosixFilePermissions(
        write(path, "#!/bin/sh\n" + text + "\n"), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** One that writes down that it was called, besides what else it does. */
  void noting(String path, String behaviour) throws IOException {
    String name = at(path).getFileName().toString();
    program(path, "echo \"" + name + " $*\" >>\"" + at("calls") + "\"\n" + behaviour);
  }

  /** What was called, in order. */
  List<String> calls() throws IOException {
    return Files.exists(at("calls")) ? Files.readAllLines(at("calls")) : List.of();
  }

  HostCommand run(String name, String... arguments) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("env", "PATH=" + root + ":" + System.getenv("PATH")));
    words.addAll(List.of("sh", installed(name).toString()));
    words.addAll(List.of(arguments));
    return HostCommand.run(words);
  }

  /** Puts the script where it finds all in the folder. */
  private Path installed(String name) throws IOException {
    String text = PackageTree.resource(name);
    for (String path : PATHS) {
      text = text.replaceAll("(?<![\\w/])" + path, root + path);
    }
    text = text.replaceAll("(?<![\\w/])/boot/", root + "/boot/");
    text = text.replaceAll("(?<![\\w/])/lib/modules/", root + "/lib/modules/");
    return write("scripts/" + name, text);
  }
}
