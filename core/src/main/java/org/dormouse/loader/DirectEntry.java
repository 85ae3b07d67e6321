package org.dormouse.loader;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A boot entry that starts a saver to wake an image. Pure.
 *
 * @param kernel where the boot loader finds the saver kernel, from the root of its file system
 * @param initramfs the same for its initramfs
 * @param commandLine of the saver that wakes
 */
public record DirectEntry(String kernel, String initramfs, String commandLine) {
  /** Its id for GRUB, which takes a name that begins with a digit for a number. */
  static final String NAME = "dormouse-wake";

  /**
   * Its file for systemd-boot. Where nothing else orders entries, systemd-boot lists them by
   * decreasing names, and starts the first one (Boot Loader Specification, "Sorting"): this one
   * comes last, so that it is never started unless it is told to be.
   */
  static final String FILE = "0-dormouse-wake.conf";

  private static final String TITLE = "Dormouse: wake this machine";

  /**
   * Checks that boot loaders take it.
   *
   * @throws IllegalArgumentException if a part has characters that end a line or a word's quotes
   */
  public DirectEntry {
    for (String part : List.of(kernel, initramfs, commandLine)) {
      if (part.isBlank() || part.chars().anyMatch(c -> c < ' ' || c > '~' || c == '\'')) {
        throw new IllegalArgumentException("cannot stand in a boot entry: " + part);
      }
    }
  }

  /** A file in {@code loader/entries}: the Boot Loader Specification, type #1. */
  public String forSystemdBoot() {
    return String.join(
        "\n",
        "# Written by \"dormouse hibernate\"; deleted when the machine is awake.",
        "title " + TITLE,
        "linux " + kernel,
        "initrd " + initramfs,
        "options " + commandLine,
        "");
  }

  /**
   * A file that GRUB's configuration sources. If it is the one to be taken, nobody is asked.
   *
   * @param fileSystem the UUID of the file system with the files
   */
  public String forGrub(String fileSystem) {
    return String.join(
        "\n",
        "# Written by \"dormouse hibernate\"; deleted when the machine is awake.",
        "menuentry '" + TITLE + "' --id " + NAME + " --unrestricted {",
        "  search --no-floppy --fs-uuid --set=root '" + fileSystem + "'",
        "  linux '" + kernel + "' " + quoted(commandLine),
        "  initrd '" + initramfs + "'",
        "}",
        "if [ \"${default}\" = " + NAME + " ]; then",
        "  set timeout=0",
        "fi",
        "");
  }

  /** GRUB would take a dollar sign for the beginning of a variable. */
  private static String quoted(String words) {
    return Arrays.stream(words.strip().split(" +"))
        .map(word -> "'" + word + "'")
        .collect(Collectors.joining(" "));
  }
}
