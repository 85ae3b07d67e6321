package org.dormouse.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.LongAdder;
import org.dormouse.convert.Dumps;
import org.dormouse.convert.ExportImage;
import org.dormouse.dump.CoreFile;
import org.dormouse.memory.Pages;
import org.dormouse.text.Quantity;
import org.dormouse.text.ReportException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes an image as the tools of others read it. */
@Command(
    name = "export",
    description = "Writes an image as a dump for crash, drgn, gdb and makedumpfile.",
    mixinStandardHelpOptions = true)
final class ImageExportCommand implements Callable<Integer> {
  /** The kinds of files. */
  enum Format {
    ELF,
    KDUMP
  }

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "STORE", description = "An image, or another dump.")
  private Path from = Path.of("");

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "kdump",
      description =
          "elf, an ELF core; or kdump, a kdump-compressed file (default: ${DEFAULT-VALUE}).")
  private Format format = Format.KDUMP;

  @Mixin private KdumpOption kdump;

  @Option(
      names = "--to",
      paramLabel = "FILE",
      required = true,
      description = "The file, which is created.")
  private Path to = Path.of("");

  @Mixin private KeyOption keys;
  @Mixin private Answer answer;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (Files.exists(to)) {
      throw new ReportException(
          to + " exists already", "Nothing was written.", "Name another file, or remove it.");
    }
    try (CoreFile core = Dumps.open(from, keys.opening());
        ExportImage export = new ExportImage(core)) {
      LongAdder done = new LongAdder();
      long start = System.nanoTime();
      try (ProgressLine _ =
          new ProgressLine(
              "writing",
              Pages.address(export.pages()),
              () -> Pages.address(done.sum()),
              spec.commandLine().getErr())) {
        export.write(to, chosen(), Runtime.getRuntime().availableProcessors(), done::add);
      }
      print(export.pages(), Files.size(to), (System.nanoTime() - start) / 1e9);
      return ExitCode.OK;
    }
  }

  private void print(long pages, long bytes, double seconds) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("format", format.name().toLowerCase(Locale.ROOT));
    figures.put("exported_pages", pages);
    figures.put("file_bytes", bytes);
    figures.put("seconds", seconds);
    answer.print(
        figures,
        out ->
            out.printf(
                "%s of memory in %s; %.1f s%n",
                Quantity.bytes(Pages.address(pages)), Quantity.bytes(bytes), seconds));
  }

  private ExportImage.Format chosen() {
    return switch (format) {
      case ELF -> new ExportImage.Format.Elf();
      case KDUMP -> kdump.format();
    };
  }
}
