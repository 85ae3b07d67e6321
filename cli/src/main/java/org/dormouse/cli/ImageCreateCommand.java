package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.dormouse.convert.CreateImage;
import org.dormouse.convert.Dumps;
import org.dormouse.dump.CoreFile;
import org.dormouse.image.CodecChoice;
import org.dormouse.image.ImageBody;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageProgress;
import org.dormouse.image.PipelineSize;
import org.dormouse.image.Vacancy;
import org.dormouse.memory.Pages;
import org.dormouse.seal.MachineKey;
import org.dormouse.sleep.KeyFiles;
import org.dormouse.store.BlockStore;
import org.dormouse.store.NullStore;
import org.dormouse.store.Store;
import org.dormouse.text.Quantity;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;
import org.dormouse.vmcore.Exclusions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes an image of a dump. */
@Command(
    name = "create",
    aliases = "import",
    description =
        "Makes an image of a dump (an ELF core of a kernel, a kdump-compressed file, another image):"
            + " to be read, not to be woken.",
    mixinStandardHelpOptions = true)
final class ImageCreateCommand implements Callable<Integer> {
  private static final Path NOWHERE = Path.of("/dev/null");
  private static final String UNTOUCHED = "Nothing was written.";

  @Spec private CommandSpec spec;

  @Option(
      names = "--from",
      paramLabel = "VMCORE",
      required = true,
      description =
          "The dump: /proc/vmcore or a copy, what QEMU's dump-guest-memory or makedumpfile wrote,"
              + " another image.")
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
      converter = ExclusionsOption.class,
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

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description =
          "Seal the image with this machine's key, such as /etc/dormouse/key; whoever reads it needs"
              + " the other half (default: it is not sealed).")
  private Optional<Path> machineFile = Optional.empty();

  @Option(
      names = "--from-key",
      paramLabel = "FILE",
      description =
          "The key file of the dump, if it is a sealed image (default: the passphrase is asked"
              + " for).")
  private List<Path> fromKeys = List.of();

  @Option(
      names = "--replace",
      description = "Take the place of a dump that is there. Of no image that can be woken.")
  private boolean replace;

  @Mixin private Answer answer;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (threads < 1 || threads > 256) {
      throw new ParameterException(spec.commandLine(), "--threads is 1 to 256");
    }
    Optional<MachineKey> key = machineKey();
    try {
      return create(key);
    } finally {
      key.ifPresent(MachineKey::close);
    }
  }

  private Optional<MachineKey> machineKey() throws IOException {
    if (machineFile.isEmpty()) {
      return Optional.empty();
    }
    KeyCommand.checkLibrary();
    Optional<MachineKey> key = KeyFiles.machine(machineFile.get());
    if (key.isEmpty()) {
      throw new ReportException(
          "there is no key " + machineFile.get(),
          UNTOUCHED,
          "Name the file that a machine keeps, or make a key: dormouse key create");
    }
    return key;
  }

  private int create(Optional<MachineKey> key) throws IOException, InterruptedException {
    try (CoreFile core = Dumps.open(from, new ImageOpening(fromKeys));
        CreateImage create = new PageLook(core, threads, err()).image(exclude)) {
      create
          .nothingExcluded()
          .ifPresent(
              why ->
                  err().println("pages cannot be told from one another, so all are kept: " + why));
      return write(create, key);
    }
  }

  private int write(CreateImage create, Optional<MachineKey> key)
      throws IOException, InterruptedException {
    if (to.equals(NOWHERE)) {
      try (Store store = new NullStore()) {
        write(create, key, store);
        return ExitCode.OK;
      }
    }
    boolean created = !Files.exists(to);
    boolean written = false;
    try (BlockStore store = openStore(create, created)) {
      ImageHeader header = write(create, key, store);
      if (Files.isRegularFile(to)) {
        long data = header.description().orElseThrow().dataOffset();
        store.resize(header.body().orElseThrow().blocksEnd(data));
      }
      written = true;
      return ExitCode.OK;
    } catch (ReportException e) {
      throw e;
    } catch (IOException e) {
      throw unreadable(e, created);
    } finally {
      if (created && !written) {
        Files.deleteIfExists(to);
      }
    }
  }

  /** The dump cannot be read to its end: what cannot be written is told elsewhere. */
  private ReportException unreadable(IOException e, boolean created) {
    return new ReportException(
        new Report(
            "cannot read all of the dump: " + e.getMessage(),
            created ? "What was written has been removed." : to + " holds no image now.",
            "Get a whole copy of " + from + ", or see the kernel's log (dmesg)."),
        e);
  }

  private BlockStore openStore(CreateImage create, boolean created) throws IOException {
    if (created) {
      return BlockStore.create(to, create.worstCaseBytes());
    }
    BlockStore store = BlockStore.forWriting(to);
    boolean usable = false;
    try {
      Vacancy.check(store, replace ? Vacancy.Dumps.MAY_BE_REPLACED : Vacancy.Dumps.STAY);
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

  private ImageHeader write(CreateImage create, Optional<MachineKey> key, Store store)
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
      header = create.write(store, key, codec.of(PipelineSize.of(threads)), progress);
    }
    tell(header, Duration.ofNanos(System.nanoTime() - start));
    return header;
  }

  private void tell(ImageHeader header, Duration time) {
    ImageBody body = header.body().orElseThrow();
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("image", header.image().toString());
    figures.put("sealed", header.seal().isPresent());
    ImageFacts.put(figures, body);
    figures.put("seconds", time.toNanos() / 1e9);
    answer.print(
        figures,
        out ->
            out.printf(
                "%s saved in %s, %s zero, %s left out; %.1f s%n",
                Quantity.bytes(Pages.address(body.savedPages())),
                Quantity.bytes(body.imageBytes()),
                Quantity.bytes(Pages.address(body.zeroPages())),
                Quantity.bytes(Pages.address(body.freePages())),
                time.toNanos() / 1e9));
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
