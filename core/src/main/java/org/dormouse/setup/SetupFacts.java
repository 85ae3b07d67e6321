package org.dormouse.setup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.dormouse.loader.BootLoader;
import org.dormouse.machine.Finding;

/**
 * What is seen of a machine before it is set up.
 *
 * @param distribution its distribution
 * @param release the running kernel's
 * @param initramfsTool what makes the initramfs that it boots with
 * @param services what starts and stops its services
 * @param kernelHooks what tells of new kernels
 * @param bootLoader what starts kernels
 * @param store where images go, as far as that is settled
 * @param files what is in the files that a setup may write, by their paths; those that are not
 *     there are missing
 * @param hindrances what is in the way of any sleep
 */
public record SetupFacts(
    Distribution distribution,
    String release,
    InitramfsTool initramfsTool,
    Services services,
    KernelHooks kernelHooks,
    BootLoader bootLoader,
    Optional<String> store,
    Map<Path, String> files,
    List<Finding> hindrances) {
  /** What starts and stops services. */
  public enum Services {
    /** systemd; and nobody works at a graphical desktop, which a restart of logind might end. */
    SYSTEMD,
    /** systemd, and there is a desktop. */
    SYSTEMD_WITH_DESKTOP,
    /** Something else. */
    OTHER
  }

  /** How a distribution has programs run for each kernel that is installed or removed. */
  public enum KernelHooks {
    /** {@code /etc/kernel/postinst.d} and {@code postrm.d}: Debian, Ubuntu. */
    DEBIAN,
    /** {@code kernel-install(8)}: Fedora; Arch, if it is used there. */
    KERNEL_INSTALL,
    /** None that we know. */
    NONE
  }

  /** Copies what it is given. */
  public SetupFacts {
    files = Map.copyOf(files);
    hindrances = List.copyOf(hindrances);
  }

  /**
   * Looks at a system.
   *
   * @param root its root folder
   * @param release the running kernel's
   * @param bootLoader what starts kernels
   * @param store what a configuration or the kernel's command line says of it
   * @param hindrances what is in the way of any sleep
   */
  public static SetupFacts observe(
      Path root,
      String release,
      BootLoader bootLoader,
      Optional<String> store,
      List<Finding> hindrances)
      throws IOException {
    Map<Path, String> files = new HashMap<>();
    for (Path file : SetupPlan.FILES) {
      Path there = root.resolve(file.toString().substring(1));
      if (Files.isRegularFile(there)) {
        files.put(file, Files.readString(there, StandardCharsets.UTF_8));
      }
    }
    return new SetupFacts(
        distribution(root),
        release,
        InitramfsTool.observe(root),
        services(root),
        kernelHooks(root),
        bootLoader,
        store,
        files,
        hindrances);
  }

  private static Distribution distribution(Path root) throws IOException {
    for (String name : List.of("etc/os-release", "usr/lib/os-release")) {
      if (Files.isRegularFile(root.resolve(name))) {
        return Distribution.parse(Files.readString(root.resolve(name)));
      }
    }
    return Distribution.parse("");
  }

  /** What starts and stops the services of a system, and whether somebody works at a desktop. */
  static Services services(Path root) throws IOException {
    // sd_booted(3)
    if (!Files.isDirectory(root.resolve("run/systemd/system"))) {
      return Services.OTHER;
    }
    Path sessions = root.resolve("run/systemd/sessions");
    if (Files.isDirectory(sessions)) {
      try (Stream<Path> found = Files.list(sessions)) {
        for (Path session : found.filter(Files::isRegularFile).toList()) {
          if (Files.readString(session).lines().anyMatch(SetupFacts::isGraphical)) {
            return Services.SYSTEMD_WITH_DESKTOP;
          }
        }
      }
    }
    return Services.SYSTEMD;
  }

  private static boolean isGraphical(String line) {
    return line.equals("TYPE=wayland") || line.equals("TYPE=x11") || line.equals("TYPE=mir");
  }

  private static KernelHooks kernelHooks(Path root) {
    if (Files.isDirectory(root.resolve("etc/kernel/postinst.d"))
        && Files.exists(root.resolve("usr/bin/dpkg"))) {
      return KernelHooks.DEBIAN;
    }
    return Files.exists(root.resolve("usr/bin/kernel-install"))
        ? KernelHooks.KERNEL_INSTALL
        : KernelHooks.NONE;
  }
}
