package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.LongAdder;
import org.dormouse.analyze.MemoryDifference;
import org.dormouse.convert.CoreCensus;
import org.dormouse.convert.Dumps;
import org.dormouse.dump.CoreFile;
import org.dormouse.memory.Pages;
import org.dormouse.text.Quantity;
import org.dormouse.vmcore.PageCensus;
import org.dormouse.vmcore.PageKind;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

  @Option(names = "--json", description = "Prints the counts as JSON, in pages and bytes.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    try (CoreFile one = Dumps.open(first);
        CoreFile other = Dumps.open(second);
        Arena arena = Arena.ofShared()) {
      PageCensus census = CoreCensus.of(other, arena, Runtime.getRuntime().availableProcessors());
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
      print(difference);
      MemoryDifference.Counts total = difference.total();
      return total.changed() + total.onlyFirst() + total.onlySecond() == 0
          ? ExitCode.OK
          : ExitCode.NO;
    }
  }

  private void print(MemoryDifference difference) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println("{");
      difference.kinds().forEach((kind, counts) -> out.println(json(kind.text(), counts) + ","));
      out.println(json("total", difference.total()));
      out.println("}");
    } else {
      out.printf(
          "%-27s %10s %10s %14s %10s %10s%n",
          "", "same", "changed", "bytes differ", "only A", "only B");
      for (Map.Entry<PageKind, MemoryDifference.Counts> kind : difference.kinds().entrySet()) {
        line(out, kind.getKey().text(), kind.getValue());
      }
      line(out, "total", difference.total());
    }
    out.flush();
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

  /** A member of an object. Names have nothing that JSON would want escaped. */
  private static String json(String name, MemoryDifference.Counts counts) {
    return String.format(
        "  \"%s\": {\"same_pages\": %d, \"changed_pages\": %d, \"changed_bytes\": %d,"
            + " \"only_first_pages\": %d, \"only_second_pages\": %d}",
        name,
        counts.same(),
        counts.changed(),
        counts.changedBytes(),
        counts.onlyFirst(),
        counts.onlySecond());
  }
}
