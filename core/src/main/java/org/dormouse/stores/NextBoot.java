package org.dormouse.stores;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.dormouse.linux.CommandLine;
import org.dormouse.linux.KernelIdentity;
import org.dormouse.machine.Readiness;
import org.dormouse.store.StoreLocation;
import org.dormouse.text.ReportException;

/**
 * Whether the next boot finds an image: by what the kernel's command line says, or by what the
 * initramfs knows, which is made long before a sleep. Whoever makes an initramfs leaves a note of
 * what it was told, one for each kernel: the boot that follows is taken to be of the kernel that
 * runs.
 */
public final class NextBoot {
  private static final Path NOTES = Path.of("/var/lib/dormouse/next-boot");

  /** In a note: nobody could tell where the store is, so the beginning of each device is read. */
  private static final String EACH_DEVICE = "each device";

  /**
   * How old a file on FAT may seem: its times are a clock's on the wall, and a machine whose clock
   * runs in local time reads them otherwise after a change to summer time or a journey.
   */
  private static final Duration WALL_CLOCK = Duration.ofDays(1);

  private static final String FAT = "vfat";

  private NextBoot() {}

  /**
   * What is known of a boot.
   *
   * @param release of its kernel
   * @param word what the kernel's command line says of a store; it comes before what the initramfs
   *     knows
   * @param notes whether any initramfs was made here that looks for an image
   * @param note what that of this kernel was told, if it is one of them
   * @param unfinished an initramfs of this kernel that is older than the note: what was told went
   *     into one that was not finished
   */
  record Known(
      String release,
      Optional<String> word,
      Notes notes,
      Optional<String> note,
      Optional<Path> unfinished) {
    /** Whether any initramfs was made here that looks for an image. */
    enum Notes {
      NONE,
      SOME
    }
  }

  /**
   * Tells an initramfs where the store is, and leaves a note of it.
   *
   * @param release of its kernel
   * @param file of the initramfs that is being made: written if there is something to tell
   * @param location where the store is, if that is known
   * @throws ReportException if there is no kernel of such a name
   */
  public static void tell(String release, Path file, Optional<String> location) throws IOException {
    if (location.isPresent()) {
      Files.writeString(file, location.get() + "\n");
    }
    Path note = NOTES.resolve(checked(release));
    Files.createDirectories(NOTES);
    Files.writeString(note, location.orElse(EACH_DEVICE) + "\n");
  }

  private static String checked(String release) throws ReportException {
    if (!release.matches("[\\w.+~-]+") || release.startsWith(".")) {
      throw new ReportException(
          "'" + release + "' is no kernel's release", "Nothing was written.", "See uname -r.");
    }
    return release;
  }

  /**
   * Checks that the next boot looks where the store is.
   *
   * @throws ReportException if it would boot past an image there
   */
  public static void check(NamedStore store) throws IOException {
    String location = store.location();
    Optional<String> missed = missed(StoreLocation.parse(location), known());
    if (missed.isPresent()) {
      throw new ReportException(
          String.format("%s is at %s, and %s", store.name(), location, missed.get()),
          "Nothing was changed; the machine goes on.",
          "Have it look there: 'dormouse setup-machine' does that; or make the initramfs anew, with"
              + " 'initramfs = yes' in /etc/dormouse.conf; or have the kernel's command line say "
              + Readiness.STORE_WORD
              + "="
              + location
              + ", with an initramfs that looks there ('dormouse initramfs boot').");
    }
  }

  /**
   * What the next boot would do instead of looking where the store is.
   *
   * @param store where that is
   * @param known what is known of that boot
   */
  static Optional<String> missed(StoreLocation store, Known known) {
    if (known.note.isEmpty() && known.notes == Known.Notes.SOME) {
      return Optional.of(
          "the initramfs of the kernel that runs, "
              + known.release
              + ", was made without what looks for an image");
    }
    if (known.unfinished.isPresent()) {
      return Optional.of(
          known.unfinished.get()
              + " is older than what was last told to an initramfs of this kernel: that one was not"
              + " finished, or did not get there");
    }
    Optional<String> looked = known.word.or(() -> known.note);
    if (looked.isEmpty()) {
      return Optional.of("nothing shows that the next boot looks for an image");
    }
    // A device may be called otherwise: the offset is what is looked at, on each, and its
    // beginning.
    return store.offset().isEmpty()
            || StoreLocation.parse(looked.get()).offset().equals(store.offset())
        ? Optional.empty()
        : Optional.of("the next boot would look at " + looked.get());
  }

  private static Known known() throws IOException {
    String release = KernelIdentity.running().release();
    Path note = NOTES.resolve(release);
    boolean isThere = Files.exists(note);
    return new Known(
        release,
        CommandLine.running().value(Readiness.STORE_WORD),
        Files.isDirectory(NOTES) ? Known.Notes.SOME : Known.Notes.NONE,
        isThere ? Files.readString(note).lines().findFirst() : Optional.empty(),
        isThere ? olderThan(note, initramfsOf(release, Path.of("/"))) : Optional.empty());
  }

  /**
   * What a boot loader may take for a kernel's initramfs: in {@code /boot} by Debian's and by
   * dracut's names; in the folders that {@code kernel-install} makes on a boot loader's partition
   * ({@code kernel-install(8)}: {@code ENTRY-TOKEN/KERNEL-VERSION}).
   */
  static List<Path> initramfsOf(String release, Path root) throws IOException {
    Path boot = root.resolve("boot");
    List<Path> found = new ArrayList<>();
    for (String name : List.of("initrd.img-" + release, "initramfs-" + release + ".img")) {
      found.add(boot.resolve(name));
    }
    for (Path partition : List.of(root.resolve("efi"), root.resolve("boot/efi"), boot)) {
      if (!Files.isDirectory(partition)) {
        continue;
      }
      try (DirectoryStream<Path> tokens = Files.newDirectoryStream(partition)) {
        for (Path token : tokens) {
          Path kernel = token.resolve(release);
          found.add(kernel.resolve("initrd"));
          found.add(kernel.resolve("initrd.img-" + release));
        }
      }
    }
    return found.stream().filter(Files::isRegularFile).toList();
  }

  /** The first of them that was last written before the note was. */
  static Optional<Path> olderThan(Path note, List<Path> files) throws IOException {
    Instant told = Files.getLastModifiedTime(note).toInstant();
    for (Path file : files) {
      boolean isOnFat = Files.getFileStore(file).type().equals(FAT);
      Instant written = Files.getLastModifiedTime(file).toInstant();
      if (written.plus(isOnFat ? WALL_CLOCK : Duration.ZERO).isBefore(told)) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }
}
