package org.dormouse.rebuild;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The Debian package of a kernel, as text.
 *
 * @param release what {@code uname -r} prints
 * @param version the package's: that of the source
 */
record KernelPackage(String release, String version) {
  /** Behind the source's version: the same source is packed in our way. */
  private static final String OURS = "+dormouse1";

  /** {@code /etc/kernel/NAME.d} has what a system does about kernels: initramfs, boot loader. */
  private static final List<String> SCRIPTS = List.of("preinst", "postinst", "prerm", "postrm");

  static KernelPackage of(String release, KernelSource source) {
    return new KernelPackage(release, source.version() + OURS);
  }

  /** The package's name. */
  String name() {
    return "linux-image-" + release;
  }

  /** The file that it is in. */
  String fileName() {
    return name() + "_" + version + "_amd64.deb";
  }

  /**
   * Its {@code control}; the dependencies are those of Debian's own kernels.
   *
   * @param kib what it takes when installed
   */
  String control(long kib) {
    return """
    Package: %s
    Version: %s
    Section: kernel
    Priority: optional
    Architecture: amd64
    Maintainer: Dormouse <root@localhost>
    Installed-Size: %d
    Depends: kmod, linux-base, initramfs-tools | linux-initramfs-tool
    Description: Linux %s, with kexec jump
     Debian's kernel, built on this or a like machine from Debian's source and
     configuration with CONFIG_KEXEC_JUMP, which Dormouse needs to hibernate.
     It stands beside the stock kernel.
    """
        .formatted(name(), version, kib, release);
  }

  /** The maintainer scripts, by their names. */
  Map<String, String> scripts() {
    Map<String, String> scripts = new LinkedHashMap<>();
    for (String name : SCRIPTS) {
      scripts.put(name, name.equals("prerm") ? script(name, REMOVAL) : script(name, ""));
    }
    return scripts;
  }

  /** Asks, as Debian's own kernels do, before the one that is running goes away. */
  private static final String REMOVAL =
      """
      if [ "$1" = remove ] && command -v linux-check-removal >/dev/null; then
        linux-check-removal %s
      fi
      """;

  private String script(String name, String first) {
    return """
    #!/bin/sh
    set -e
    %s# What this system does about its kernels.
    export DEB_MAINT_PARAMS="$*"
    if [ -d /etc/kernel/%2$s.d ]; then
      run-parts --arg=%3$s --arg=/boot/vmlinuz-%3$s /etc/kernel/%2$s.d
    fi
    """
        .formatted(first.formatted(release), name, release);
  }
}
