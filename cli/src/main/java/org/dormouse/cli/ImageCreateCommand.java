package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.dormouse.convert.CreateImage;
import org.dormouse.convert.Dumps;
import org.dormouse.dump.CoreFile;
import org.dormouse.image.CodecChoice;
import org.dormouse.image.Image;
import org.dormouse.image.ImageFormatException;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageProgress;
import org.dormouse.image.ImageState;
import org.dormouse.image.PipelineSize;
import org.dormouse.memory.Pages;
import org.dormouse.store.BlockStore;
import org.dormouse.store.NullStore;
import org.dormouse.store.Store;
import org.dormouse.store.StoreContents;
import org.dormouse.text.Quantity;
import org.dormouse.text.ReportException;
import org.dormouse.vmcore.Exclusions;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Makes an image of a dump. */
@Command(
    name = "create",
    description =
        "Makes an image of a dump (an ELF core of a kernel): to be read, not to be woken.",
    mixinStandardHelpOptions = true)
final class ImageCreateCommand implements Callable<Integer> {
  private static final Path NOWHERE = Path.of("/dev/null");
  private static final String UNTOUCHED = "Nothing was written.";

  @Spec private CommandSpec spec;

  /** Reads the kinds of pages. */
  static final class ExclusionsConverter implements ITypeConverter<Exclusions> {
    @Override
    public Exclusions convert(String text) {
      try {
        return Exclusions.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  @Option(
      names = "--from",
      paramLabel = "VMCORE",
      required = true,
      description =
          "The dump: /proc/vmcore or a copy, what QEMU's dump-guest-memory or makedumpfile wrote.")
  private Path from = NOWHERE;

  @Option(
      names = "--to",
      paramLabel = "STORE",
      required = true,
      description =
          "A file, which is created; a block device, of which all is lost; or /dev/null, to see how"
              + " long it takes.")
  private Path to = NOWHERE;

  @Option(
      names = "--codec",
      paramLabel = "CODEC",
      converter = CodecOption.class,
      defaultValue = "zstd",
      description = "none, lz4, zstd or zstd:LEVEL, 1 to 19 (default: ${DEFAULT-VALUE}).")
  private CodecChoice codec = CodecChoice.parse("zstd");

  @Option(
      names = "--exclude",
      paramLabel = "KINDS",
      converter = ExclusionsConverter.class,
      defaultValue = "none",
      description =
          "Pages that are left out, with commas between them: free, zero, cache, user; or none"
              + " (default: ${DEFAULT-VALUE}).")
  private Exclusions exclude = Exclusions.none();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "How many threads compress (default: one for each CPU).")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (threads < 1 || threads > 256) {
      throw new ParameterException(spec.commandLine(), "--threads is 1 to 256");
    }
    try (CoreFile core = Dumps.open(from);
        CreateImage create = new CreateImage(core, exclude, threads)) {
      create
          .nothingExcluded()
          .ifPresent(
              why ->
                  err().println("pages cannot be told from one another, so all are kept: " + why));
      return write(create);
    }
  }

  private int write(CreateImage create) throws IOException, InterruptedException {
    if (to.equals(NOWHERE)) {
      try (Store store = new NullStore()) {
        write(create, store);
        return ExitCode.OK;
      }
    }
    boolean created = !Files.exists(to);
    boolean written = false;
    try (BlockStore store = openStore(create, created)) {
      ImageHeader header = write(create, store);
      if (Files.isRegularFile(to)) {
        long data = header.description().orElseThrow().dataOffset();
        store.resize(header.body().orElseThrow().blocksEnd(data));
      }
      written = true;
      return ExitCode.OK;
    } finally {
      if (created && !written) {
        Files.deleteIfExists(to);
      }
    }
  }

  private BlockStore openStore(CreateImage create, boolean created) throws IOException {
    if (created) {
      return BlockStore.create(to, create.worstCaseBytes());
    }
    BlockStore store = BlockStore.forWriting(to);
    boolean usable = false;
    try {
      checkContents(store);
      if (Files.isRegularFile(to)) {
        store.resize(create.worstCaseBytes());
      }
      usable = true;
      return store;
    } finally {
      if (!usable) {
        store.close();
      }
    }
  }

  /** Refuses to overwrite what somebody may miss. */
  private static void checkContents(Store store) throws IOException {
    switch (StoreContents.probe(store)) {
      case StoreContents.Empty _ -> {}
      case StoreContents.Foreign(String what) ->
          throw new ReportException(
              store.name() + " holds " + what,
              UNTOUCHED,
              "Name another store, or clear it (wipefs -a) if nobody needs what it holds.");
      case StoreContents.Dormouse _ -> {
        if (waits(store)) {
          throw new ReportException(
              store.name() + " holds an image that waits to be woken",
              UNTOUCHED,
              "Name another store, or discard it: dormouse image discard " + store.name());
        }
      }
    }
  }

  private static boolean waits(Store store) throws IOException {
    try {
      ImageState state = Image.header(store).state();
      return state == ImageState.COMPLETE || state == ImageState.REFUSED;
    } catch (ImageFormatException e) {
      return false;
    }
  }

  private ImageHeader write(CreateImage create, Store store)
      throws IOException, InterruptedException {
    ImageProgress progress = new ImageProgress();
    long start = System.nanoTime();
    ImageHeader header;
    try (ProgressLine _ =
        new ProgressLine(
            "saving",
            Pages.address(create.pages()),
            () -> Pages.address(progress.pagesSeen()),
            err())) {
      header = create.write(store, codec.of(PipelineSize.of(threads)), progress);
    }
    tell(header, Duration.ofNanos(System.nanoTime() - start));
    return header;
  }

  private void tell(ImageHeader header, Duration time) {
    var body = header.body().orElseThrow();
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%s saved in %s, %s zero, %s left out; %.1f s%n",
        Quantity.bytes(Pages.address(body.savedPages())),
        Quantity.bytes(body.imageBytes()),
        Quantity.bytes(Pages.address(body.zeroPages())),
        Quantity.bytes(Pages.address(body.freePages())),
        time.toNanos() / 1e9);
    out.flush();
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
