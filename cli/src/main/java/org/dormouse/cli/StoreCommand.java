package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.dormouse.image.Image;
import org.dormouse.image.ImageFormatException;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageWriter;
import org.dormouse.linux.CommandLine;
import org.dormouse.linux.IoMemory;
import org.dormouse.machine.Readiness;
import org.dormouse.store.Store;
import org.dormouse.store.StoreMap;
import org.dormouse.stores.CreateStore;
import org.dormouse.stores.NamedStore;
import org.dormouse.stores.NextBoot;
import org.dormouse.stores.RemoveStore;
import org.dormouse.text.Quantity;
import org.dormouse.text.ReportException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Where images go. */
@Command(
    name = "store",
    description = "Makes a place for images: a file, a logical volume, a partition.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT)
final class StoreCommand {
  /**
   * How much of a store's beginning an ordinary boot reads in one go: the saver's kernel and
   * initramfs, with room to grow. Less than a block group of ext4 (128 MiB), where one piece of
   * that size is to be had on a file system that is in use.
   */
  private static final long SAVER_BYTES = 96L << 20;

  /** What {@code state} says where there is no image. */
  private static final String NO_IMAGE = "none";

  private static final String STORE_HELP =
      "The store (default: that of dormouse.resume= on the kernel's command line, else that of"
          + " /etc/dormouse.conf).";

  @Spec private CommandSpec spec;

  @Command(
      name = "create",
      description = {
        "Makes a store in a new file on ext4 or xfs, or of a whole device.",
        "The saver writes to the disk itself, where the file lies. Nobody can change, move or remove"
            + " the file until 'dormouse store remove'."
      })
  int create(
      @Parameters(paramLabel = "PATH", description = "The file, or a block device.") Path place,
      @Option(
              names = "--size",
              paramLabel = "SIZE",
              converter = ByteSize.class,
              description =
                  "How large a file is, e.g. 4G. The machine can sleep while what is in memory takes"
                      + " less (default: what all memory takes, which is always enough).")
          Optional<Long> size,
      @Option(names = "--replace-swap", description = "Takes a swap area that is not in use.")
          boolean replaceSwap,
      @Mixin DryRunOption dryRun)
      throws IOException {
    CreateStore.Request request =
        new CreateStore.Request(
            place,
            size.isPresent() ? size.get() : sizeForAll(),
            SAVER_BYTES,
            replaceSwap ? CreateStore.Swap.MAY_BE_REPLACED : CreateStore.Swap.STAYS);
    if (dryRun.isWanted()) {
      CreateStore.dryRun(request).forEach(out()::println);
      return ExitCode.OK;
    }
    NamedStore made = CreateStore.run(request);
    out().println("made: " + described(made));
    out().println("the next boot finds it by " + Readiness.STORE_WORD + "=" + made.location());
    return ExitCode.OK;
  }

  private static long sizeForAll() throws IOException {
    long pages = IoMemory.read().map().ramPages();
    return StoreMap.ROOM_BYTES
        + ImageWriter.worstCaseBytes(SAVER_BYTES, pages)
        + ImageWriter.sealBytes(pages);
  }

  @Command(name = "info", description = "Says where a store is, and what is in it.")
  int info(
      @Parameters(arity = "0..1", paramLabel = "STORE", description = STORE_HELP)
          Optional<Path> place,
      @Mixin Answer answer)
      throws IOException {
    NamedStore store = NamedStore.find(chosen(place));
    try (Store opened = store.openForReading()) {
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("store", store.name());
      figures.put("location", store.location());
      figures.put("bytes", opened.size());
      figures.put("pieces", store.map().map(map -> map.extents().size()).orElse(1));
      figures.put("content", content(store).word());
      figures.put("state", state(opened));
      answer.print(figures, people -> print(people, store, figures));
    }
    return ExitCode.OK;
  }

  private static void print(PrintWriter out, NamedStore store, Map<String, Object> figures) {
    out.println(described(store));
    out.println("location  " + figures.get("location"));
    out.println("image     " + figures.get("state"));
  }

  private static String state(Store store) throws IOException {
    try {
      ImageHeader header = Image.header(store);
      return header.state().toString();
    } catch (ImageFormatException e) {
      return "none: " + e.getMessage();
    }
  }

  @Command(
      name = "state",
      description = {
        "For scripts: prints in one word how the image in a store stands, COMPLETE or REFUSED if it"
            + " waits to be woken, and 'none' if there is no image, no store, or none is named.",
        "It exits with 0 whatever the word is, and with another code only if the store cannot be"
            + " looked at."
      })
  int state(
      @Parameters(arity = "0..1", paramLabel = "STORE", description = STORE_HELP)
          Optional<Path> place)
      throws IOException {
    Optional<String> name =
        place.isPresent() ? place.map(Path::toString) : named(ConfigurationFile.read());
    out().println(name.isPresent() ? stateWord(name.get()) : NO_IMAGE);
    return ExitCode.OK;
  }

  private static String stateWord(String name) throws IOException {
    Path place = NamedStore.placeOf(name);
    if (!Files.exists(place)) {
      return NO_IMAGE;
    }
    try (Store opened = NamedStore.openForReading(Path.of(name))) {
      return Image.header(opened).state().toString();
    } catch (ImageFormatException e) {
      return NO_IMAGE;
    }
  }

  private static StoreMap.Content content(NamedStore store) {
    return store.map().map(StoreMap::content).orElse(StoreMap.Content.ANY);
  }

  private static String described(NamedStore store) {
    return store
        .map()
        .map(
            map ->
                String.format(
                    "%s, %s in %d pieces%s",
                    store.name(),
                    Quantity.bytes(map.storeBytes()),
                    map.extents().size(),
                    map.content() == StoreMap.Content.SEALED
                        ? ", below an encrypted volume: for sealed images only"
                        : ""))
        .orElse(store.name() + ", all of it");
  }

  @Command(
      name = "location",
      description =
          "Prints where a store is, as dormouse.resume= on a kernel's command line takes it.")
  int location(
      @Parameters(arity = "0..1", paramLabel = "STORE", description = STORE_HELP)
          Optional<Path> place)
      throws IOException {
    out().println(NamedStore.find(chosen(place)).location());
    return ExitCode.OK;
  }

  @Command(
      name = "tell-next-boot",
      description = {
        "Writes where the store is into a file of an initramfs that is being made, if one is named;"
            + " else nothing. Notes that this kernel's initramfs looks for an image, and where.",
        "The hooks of initramfs-tools, dracut and mkinitcpio call it. A sleep is refused that the next"
            + " boot would not wake from."
      })
  int tellNextBoot(
      @Parameters(index = "0", paramLabel = "RELEASE", description = "The kernel.") String release,
      @Parameters(index = "1", paramLabel = "FILE", description = "The file.") Path file)
      throws IOException {
    // It looks at the beginning of each device in any case.
    NextBoot.tell(release, file, Optional.empty());
    Optional<String> store = named(ConfigurationFile.read());
    if (store.isPresent()) {
      NextBoot.tell(release, file, Optional.of(NamedStore.find(store.get()).location()));
    }
    return ExitCode.OK;
  }

  @Command(name = "remove", description = "Removes a store, unless an image waits there.")
  int remove(
      @Parameters(paramLabel = "PATH", description = "The file, or the block device.") Path place,
      @Mixin DryRunOption dryRun)
      throws IOException {
    if (dryRun.isWanted()) {
      RemoveStore.dryRun(place).forEach(out()::println);
      return ExitCode.OK;
    }
    RemoveStore.run(place);
    out().println("removed");
    return ExitCode.OK;
  }

  private static String chosen(Optional<Path> place) throws IOException {
    return place.isPresent() ? place.get().toString() : configured(ConfigurationFile.read());
  }

  /**
   * The store of this machine.
   *
   * @throws ReportException if none is named
   */
  static String configured(Configuration configuration) throws IOException {
    return named(configuration)
        .orElseThrow(
            () ->
                new ReportException(
                    "no store is named",
                    "Nothing was changed; the machine goes on.",
                    "Name one (hibernate: with --to), or have one in /etc/dormouse.conf, or boot"
                        + " with dormouse.resume=STORE."));
  }

  /** The store of this machine: that which the next boot looks at comes before the file. */
  static Optional<String> named(Configuration configuration) throws IOException {
    return CommandLine.running().value(Readiness.STORE_WORD).or(configuration::store);
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
