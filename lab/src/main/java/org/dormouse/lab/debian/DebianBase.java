package org.dormouse.lab.debian;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.dormouse.lab.setup.CacheFolder;
import org.dormouse.lab.setup.ContentKey;
import org.dormouse.lab.setup.Reporter;
import org.dormouse.lab.setup.SetupException;
import org.dormouse.lab.setup.Shelf;
import org.dormouse.lab.setup.Tool;

/**
 * A Debian 12 from Debian's archive, without kernel and Dormouse: made once by {@code mmdebstrap},
 * and kept as an archive of its files.
 */
final class DebianBase {
  private static final String SUITE = "bookworm";
  private static final String ARCHIVE = "debian.tar";

  /** What a machine has, both boot loaders, what unlocks disks, and what it is to work with. */
  private static final List<String> PACKAGES =
      List.of(
          "systemd",
          "systemd-sysv",
          "udev",
          "dbus",
          "libpam-systemd",
          "systemd-boot",
          "grub-pc",
          "grub-efi-amd64-bin",
          "initramfs-tools",
          "busybox-static",
          "kexec-tools",
          "xz-utils",
          "zstd",
          "cryptsetup-initramfs",
          "lvm2",
          "e2fsprogs",
          "dosfstools",
          "kmod",
          "procps",
          "iproute2",
          "openssh-server",
          "postgresql",
          "nginx-light",
          "tmux");

  /** What a machine that is to be small can do without. */
  private static final List<String> NOT_UNPACKED =
      List.of(
          "/usr/share/man/*",
          "/usr/share/doc/*",
          "/usr/share/locale/*",
          "/usr/share/info/*",
          "/usr/share/i18n/*");

  private final CacheFolder cache;
  private final Reporter reporter;

  DebianBase(CacheFolder cache, Reporter reporter) {
    this.cache = cache;
    this.reporter = reporter;
  }

  /** The archive, from the cache if it is there. */
  Path archive() throws SetupException {
    return shelf().get(key(), this::make).resolve(ARCHIVE);
  }

  /** Whether the cache has it. */
  boolean isMade() {
    return shelf().has(key());
  }

  private Shelf shelf() {
    return cache.shelf("debian-base");
  }

  private static String key() {
    ContentKey key = new ContentKey().add(SUITE);
    PACKAGES.forEach(key::add);
    NOT_UNPACKED.forEach(key::add);
    return key.name();
  }

  private void make(Path product, Path scratch) throws SetupException {
    checkPossible();
    reporter.step(
        "Debian 12: download, unpack, configure",
        () -> {
          try {
            return made(product, scratch);
          } catch (IOException e) {
            throw failure(e.getMessage(), e);
          }
        });
  }

  private Path made(Path product, Path scratch) throws SetupException, IOException {
    Path log = cache.log("debian");
    Files.deleteIfExists(log);
    Path archive = product.resolve(ARCHIVE);
    List<String> command =
        new java.util.ArrayList<>(
            List.of("mmdebstrap", "--variant=minbase", "--include=" + String.join(",", PACKAGES)));
    NOT_UNPACKED.forEach(path -> command.add("--dpkgopt=path-exclude=" + path));
    command.addAll(List.of(SUITE, archive.toString()));
    try {
      new Tool(scratch, log, Map.of("LC_ALL", "C.UTF-8")).run(command);
    } catch (SetupException e) {
      throw failure(e.state(), e);
    }
    return archive;
  }

  /** What cannot be done is said before anything is downloaded. */
  static void checkPossible() throws SetupException {
    if (!"root".equals(System.getProperty("user.name"))) {
      throw new SetupException(
          "only root can make a Debian: its files belong to many users",
          "Nothing has been changed.",
          "Run this as root. The machine itself runs in QEMU, and touches none of this one's disks.");
    }
    if (!Files.isExecutable(Path.of("/usr/bin/mmdebstrap"))) {
      throw new SetupException(
          "there is no /usr/bin/mmdebstrap, which makes a Debian from Debian's packages",
          "Nothing has been changed.",
          "Install it: apt-get install --no-install-recommends mmdebstrap");
    }
  }

  private static SetupException failure(String why, Exception cause) {
    return new SetupException(
        "Debian 12 could not be made from Debian's archive",
        why,
        "Check that this machine's apt reaches an archive with "
            + SUITE
            + ": apt-get update;\nand that there is 1 GiB of space in the cache folder and in /tmp.",
        cause);
  }
}
