package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.LongAdder;
import org.dormouse.convert.ExportImage;
import org.dormouse.image.ImageBody;
import org.dormouse.image.Vacancy;
import org.dormouse.memory.Pages;
import org.dormouse.seal.MachineKey;
import org.dormouse.sleep.Snapshot;
import org.dormouse.text.Quantity;
import org.dormouse.vmcore.Exclusions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes a snapshot of the running system. */
@Command(
    name = "snapshot",
    description =
        "Writes the machine's memory as it is at one moment. The machine stands still for a moment,"
            + " and goes on.",
    mixinStandardHelpOptions = true)
final class SnapshotCommand implements Callable<Integer> {
  /** The kinds of files. */
  enum Format {
    IMAGE,
    ELF,
    KDUMP
  }

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "OUT",
      description =
          "A file, which is created; a block device of its own, of which all is lost; or, for an"
              + " image, a pipe.")
  private Path out = Path.of("");

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "image",
      description =
          "image, which 'dormouse image' and its library read; elf, an ELF core; or kdump, a"
              + " kdump-compressed file (default: ${DEFAULT-VALUE}).")
  private Format format = Format.IMAGE;

  @Mixin private KdumpOption kdump;

  @Option(
      names = "--exclude",
      paramLabel = "KINDS",
      converter = ExclusionsOption.class,
      defaultValue = "none",
      description =
          "What is left out besides free memory, with commas between: cache, user; or none"
              + " (default: ${DEFAULT-VALUE}).")
  private Exclusions exclude = Exclusions.none();

  @Mixin private SaverCodecOption codec;

  @Option(
      names = "--through",
      paramLabel = "DEVICE",
      description =
          "A block device of its own on which the image lies until it is written to OUT, where there"
              + " is too little memory for that. All that is on it is lost.")
  private Optional<Path> through = Optional.empty();

  @Option(names = "--replace", description = "Take the place of a dump that is on the device.")
  private boolean replace;

  @Option(
      names = "--warm",
      description =
          "Let the saver stay, for the next snapshot, until 'dormouse disarm' (default: it stays if"
              + " it was there before).")
  private boolean warm;

  @Mixin private DryRunOption dryRun;

  @Mixin private StayOptions stay;

  @Mixin private SaverFileOptions files;

  @Mixin private Answer answer;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Optional<MachineKey> key = ConfigurationFile.machineKey(ConfigurationFile.read());
    try {
      return call(key);
    } finally {
      key.ifPresent(MachineKey::close);
    }
  }

  private int call(Optional<MachineKey> key) throws IOException, InterruptedException {
    Snapshot.Request request =
        new Snapshot.Request(
            out,
            chosen(),
            exclude,
            codec.chosen(),
            through,
            replace ? Vacancy.Dumps.MAY_BE_REPLACED : Vacancy.Dumps.STAY,
            files.find(),
            key,
            stay.chosen(),
            warm ? Snapshot.Afterwards.WARM : Snapshot.Afterwards.AS_BEFORE);
    Snapshot snapshot = new Snapshot(new UserJournal(answer.meanwhile()));
    if (dryRun.isWanted()) {
      snapshot.dryRun(request).forEach(answer.meanwhile()::println);
      return ExitCode.OK;
    }
    try (Bar bar = new Bar(spec.commandLine().getErr())) {
      print(snapshot.run(request, bar));
    }
    return ExitCode.OK;
  }

  private Snapshot.Format chosen() {
    return switch (format) {
      case IMAGE -> new Snapshot.Format.Image();
      case ELF -> new Snapshot.Format.Dump(new ExportImage.Format.Elf());
      case KDUMP -> new Snapshot.Format.Dump(kdump.format());
    };
  }

  /** Shows how far the writing has come. */
  private static final class Bar implements Snapshot.Progress, AutoCloseable {
    private final PrintWriter out;
    private final LongAdder done = new LongAdder();
    private Optional<ProgressLine> line = Optional.empty();

    Bar(PrintWriter out) {
      this.out = out;
    }

    @Override
    public void begin(long bytes) {
      line = Optional.of(new ProgressLine("writing", bytes, done::sum, out));
    }

    @Override
    public void written(long bytes) {
      done.add(bytes);
    }

    @Override
    public void close() {
      line.ifPresent(ProgressLine::close);
    }
  }

  private void print(Snapshot.Result result) {
    ImageBody body = result.body();
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("image", result.image().toString());
    figures.put("format", format.name().toLowerCase(Locale.ROOT));
    figures.put("standstill_seconds", result.standstill().seconds());
    figures.put("standstill_trust", result.standstill().trust().name().toLowerCase(Locale.ROOT));
    ImageFacts.put(figures, body);
    figures.put("writing_seconds", result.writing().toNanos() / 1e9);
    figures.put("remarks", result.remarks());
    answer.print(figures, lines -> print(result, lines));
  }

  private static void print(Snapshot.Result result, PrintWriter lines) {
    ImageBody body = result.body();
    lines.printf(
        "%s saved in %s, %s zero, %s left out%n",
        Quantity.bytes(Pages.address(body.savedPages())),
        Quantity.bytes(body.imageBytes()),
        Quantity.bytes(Pages.address(body.zeroPages())),
        Quantity.bytes(Pages.address(body.freePages())));
    lines.printf(
        Locale.ROOT,
        "the machine stood still for %.3f s%s%n",
        result.standstill().seconds(),
        switch (result.standstill().trust()) {
          case PROMISED -> "";
          case NOT_CONTRADICTED -> " (this processor's counter is not promised to run evenly)";
          case DOUBTFUL -> " by the processor's counter; the real-time clock says something else";
        });
    result.remarks().forEach(lines::println);
  }
}
