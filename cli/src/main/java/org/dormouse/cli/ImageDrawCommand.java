package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.dormouse.analyze.MemoryPicture;
import org.dormouse.analyze.PictureFormat;
import org.dormouse.analyze.PictureKind;
import org.dormouse.convert.Dumps;
import org.dormouse.dump.CoreFile;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.text.Quantity;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;
import org.dormouse.vmcore.PageCensus;
import org.dormouse.vmcore.VmcoreInfo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Draws physical memory. */
@Command(
    name = "draw",
    description = "Draws a picture of an image's physical memory: what its pages are for.",
    mixinStandardHelpOptions = true)
final class ImageDrawCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "STORE", description = "An image, or another dump.")
  private Path from = Path.of("");

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "The picture, which is written anew: a name that ends with .svg or .png.")
  private Path out = Path.of("");

  @Mixin private KeyOption keys;
  @Mixin private Answer answer;

  @Override
  public Integer call() throws IOException {
    PictureFormat format =
        PictureFormat.of(out.toString())
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(), "--out is a name that ends with .svg or .png"));
    try (CoreFile core = Dumps.open(from, keys.opening());
        Arena arena = Arena.ofShared()) {
      PageCensus census =
          new PageLook(
                  core, Runtime.getRuntime().availableProcessors(), spec.commandLine().getErr())
              .census(arena);
      census
          .unknown()
          .ifPresent(
              why ->
                  spec.commandLine()
                      .getErr()
                      .println("what the pages are for cannot be told: " + why));
      MemoryPicture picture =
          MemoryPicture.draw(
              core.ram(), census, core.presence(arena).zero(), Dumps.saverRegion(core));
      write(format.write(picture, title(core), subtitle(core)));
      answer.print(figures(picture), writer -> print(picture, writer));
      return ExitCode.OK;
    }
  }

  private static String title(CoreFile core) {
    long pages = core.ram().stream().mapToLong(PageRange::count).sum();
    Optional<String> release =
        core.description()
            .vmcoreInfoText()
            .map(VmcoreInfo::ofText)
            .flatMap(info -> info.optional("OSRELEASE"));
    return Quantity.bytes(Pages.address(pages))
        + " of memory"
        + release.map(name -> ", Linux " + name).orElse("");
  }

  private String subtitle(CoreFile core) {
    return from.getFileName()
        + ": physical addresses 0 to 0x"
        + Long.toHexString(core.ram().getLast().endAddress())
        + " on a Hilbert curve";
  }

  private void write(byte[] picture) throws ReportException {
    try {
      Files.write(out, picture);
    } catch (IOException e) {
      throw new ReportException(
          new Report(
              "cannot write " + out + ": " + e.getMessage(),
              "The picture is missing, or not whole.",
              "Name a file in a folder that can be written, with room for it."),
          e);
    }
  }

  private static Map<String, Object> figures(MemoryPicture picture) {
    Map<String, Object> figures = new LinkedHashMap<>();
    for (PictureKind kind : PictureKind.values()) {
      Long pages = picture.totals().get(kind);
      if (pages != null) {
        figures.put(kind.name().toLowerCase(Locale.ROOT) + "_pages", pages);
      }
    }
    return figures;
  }

  private static void print(MemoryPicture picture, PrintWriter writer) {
    for (PictureKind kind : PictureKind.values()) {
      Long pages = picture.totals().get(kind);
      if (pages != null) {
        writer.printf("%-21s %10s%n", kind.text(), Quantity.bytes(Pages.address(pages)));
      }
    }
  }
}
