package org.dormouse.rebuild;

import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Which of the configuration's modules are built. */
public sealed interface ModuleChoice {
  /** All of them. */
  record All() implements ModuleChoice {
    @Override
    public String toString() {
      return "all";
    }
  }

  /**
   * Those that are named, what they stand on, and a few more: {@link #ALWAYS}.
   *
   * @param whence for people, where the names are from
   * @param names with underscores, as the kernel lists them
   */
  record Named(String whence, SortedSet<String> names) implements ModuleChoice {
    /** Copies the names. */
    public Named {
      names = new TreeSet<>(names);
    }

    @Override
    public String toString() {
      return "%d (%s, and what every machine should have)".formatted(names.size(), whence);
    }
  }

  /**
   * What a machine may need that does not have it in use at this moment: a keyboard or a stick that
   * is plugged in later, the firmware's partition and variables, a file as a disk, encryption; and
   * what Debian's configuration makes the harmless default of a choice ({@code pretimeout_noop}:
   * without it the early warning of a watchdog is a panic).
   */
  List<String> ALWAYS =
      List.of(
          "usb_storage",
          "uas",
          "sd_mod",
          "usbhid",
          "hid_generic",
          "xhci_pci",
          "ehci_pci",
          "evdev",
          "vfat",
          "nls_ascii",
          "nls_cp437",
          "nls_iso8859_1",
          "nls_utf8",
          "ext4",
          "isofs",
          "fuse",
          "autofs4",
          "efivarfs",
          "loop",
          "overlay",
          "dm_mod",
          "dm_crypt",
          "pretimeout_noop");

  /**
   * Those that files name: a module at the beginning of each line, as {@code lsmod}, {@code
   * /etc/modules} and {@code modules-load.d(5)} have it; the rest of a line is the module's
   * options, or figures. {@code #} and {@code ;} begin a comment.
   */
  static ModuleChoice named(String whence, List<String> lines) {
    Set<String> names =
        lines.stream()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !line.startsWith("#") && !line.startsWith(";"))
            .map(line -> line.split("\\s+", 2)[0].replace('-', '_'))
            // The head of what lsmod prints.
            .filter(name -> !name.equals("Module"))
            .collect(Collectors.toSet());
    TreeSet<String> all = new TreeSet<>(names);
    all.addAll(ALWAYS);
    return new Named(whence, all);
  }
}
