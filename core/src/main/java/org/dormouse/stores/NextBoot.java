package org.dormouse.stores;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.dormouse.linux.CommandLine;
import org.dormouse.machine.Readiness;
import org.dormouse.store.StoreLocation;
import org.dormouse.text.ReportException;

/**
 * Whether the next boot finds an image. One on a device of its own is found anyway; one in a store
 * that lies in pieces only by whoever knows where: the kernel's command line, or the initramfs,
 * which is made long before a sleep. Whoever makes an initramfs leaves a note of what it knows.
 */
public final class NextBoot {
  /** What the initramfs that was made last looks at: a {@link StoreLocation}, in a line. */
  private static final Path NOTE = Path.of("/var/lib/dormouse/next-boot");

  private NextBoot() {}

  /**
   * Tells an initramfs where the store is, and leaves a note of it.
   *
   * @param file of the initramfs that is being made: written
   * @param location where the store is
   */
  public static void tell(Path file, String location) throws IOException {
    Files.writeString(file, location + "\n");
    Files.createDirectories(NOTE.getParent());
    Files.writeString(NOTE, location + "\n");
  }

  /** There is nothing that an initramfs could be told. */
  public static void forget() throws IOException {
    Files.deleteIfExists(NOTE);
  }

  /**
   * Checks that the next boot looks where the store is.
   *
   * @throws ReportException if it would boot past an image there
   */
  public static void check(NamedStore store) throws IOException {
    if (store.offset().isPresent()) {
      String location = store.location();
      Optional<String> missed =
          missed(location, CommandLine.running().value(Readiness.STORE_WORD), note());
      if (missed.isPresent()) {
        throw new ReportException(
            String.format("%s is at %s, and %s", store.name(), location, missed.get()),
            "Nothing was changed; the machine goes on.",
            "Have it look there: 'dormouse setup-machine' does that; or make the initramfs anew, with"
                + " 'initramfs = yes' in /etc/dormouse.conf; or have the kernel's command line say "
                + Readiness.STORE_WORD
                + "="
                + location);
      }
    }
  }

  /**
   * What the next boot would do instead of looking where the store is.
   *
   * @param location where that is, with an offset
   * @param word what the kernel's command line says; it comes first
   * @param note what the initramfs knows
   */
  static Optional<String> missed(String location, Optional<String> word, Optional<String> note) {
    Optional<String> looked = word.or(() -> note);
    if (looked.isEmpty()) {
      return Optional.of("nothing tells the next boot to look there");
    }
    // A device may be called otherwise: the offset is what is looked at, on each.
    return StoreLocation.parse(looked.get()).offset().equals(StoreLocation.parse(location).offset())
        ? Optional.empty()
        : Optional.of("the next boot would look at " + looked.get());
  }

  private static Optional<String> note() throws IOException {
    return Files.exists(NOTE)
        ? Files.readString(NOTE, StandardCharsets.UTF_8).lines().findFirst()
        : Optional.empty();
  }
}
