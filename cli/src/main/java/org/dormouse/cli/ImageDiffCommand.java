package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.LongAdder;
import org.dormouse.analyze.MemoryDifference;
import org.dormouse.convert.Dumps;
import org.dormouse.dump.CoreFile;
import org.dormouse.memory.Pages;
import org.dormouse.text.Quantity;
import org.dormouse.vmcore.PageCensus;
import org.dormouse.vmcore.PageKind;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares the memory of two images. */
@Command(
    name = "diff",
    description = {
      "Compares the memory of two images, page by page. The kinds are those of the second one.",
      "Exit code 0 if nothing differs, 1 if something does."
    },
    mixinStandardHelpOptions = true)
final class ImageDiffCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "A", description = "An image, or another dump.")
  private Path first = Path.of("");

  @Parameters(index = "1", paramLabel = "B", description = "Another one.")
  private Path second = Path.of("");

  @Mixin private KeyOption keys;
  @Mixin private Answer answer;

  @Override
  public Integer call() throws IOException {
    ImageOpening opening = keys.opening();
    try (CoreFile one = Dumps.open(first, opening);
        CoreFile other = Dumps.open(second, opening);
        Arena arena = Arena.ofShared()) {
      PageCensus census =
          new PageLook(
                  other, Runtime.getRuntime().availableProcessors(), spec.commandLine().getErr())
              .census(arena);
      LongAdder done = new LongAdder();
      MemoryDifference difference;
      try (ProgressLine _ =
          new ProgressLine(
              "comparing",
              Pages.address(MemoryDifference.pages(one, other)),
              () -> Pages.address(done.sum()),
              spec.commandLine().getErr())) {
        difference = MemoryDifference.between(one, other, census, done::add);
      }
      answer.print(figures(difference), out -> print(difference, out));
      MemoryDifference.Counts total = difference.total();
      return total.changed() + total.onlyFirst() + total.onlySecond() == 0
          ? ExitCode.OK
          : ExitCode.NO;
    }
  }

  private static void print(MemoryDifference difference, PrintWriter out) {
    out.printf(
        "%-27s %10s %10s %14s %10s %10s%n",
        "", "same", "changed", "bytes differ", "only A", "only B");
    for (Map.Entry<PageKind, MemoryDifference.Counts> kind : difference.kinds().entrySet()) {
      line(out, kind.getKey().text(), kind.getValue());
    }
    line(out, "total", difference.total());
  }

  private static void line(PrintWriter out, String name, MemoryDifference.Counts counts) {
    out.printf(
        "%-27s %10s %10s %14s %10s %10s%n",
        name,
        pages(counts.same()),
        pages(counts.changed()),
        Quantity.bytes(counts.changedBytes()),
        pages(counts.onlyFirst()),
        pages(counts.onlySecond()));
  }

  private static String pages(long pages) {
    return pages == 0 ? "-" : Quantity.bytes(Pages.address(pages));
  }

  private static Map<String, Object> figures(MemoryDifference difference) {
    Map<String, Object> figures = new LinkedHashMap<>();
    difference.kinds().forEach((kind, counts) -> figures.put(kind.text(), figures(counts)));
    figures.put("total", figures(difference.total()));
    return figures;
  }

  private static Map<String, Object> figures(MemoryDifference.Counts counts) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("same_pages", counts.same());
    figures.put("changed_pages", counts.changed());
    figures.put("changed_bytes", counts.changedBytes());
    figures.put("only_first_pages", counts.onlyFirst());
    figures.put("only_second_pages", counts.onlySecond());
    return figures;
  }
}
