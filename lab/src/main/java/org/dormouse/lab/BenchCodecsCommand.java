package org.dormouse.lab;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.dormouse.cli.ExitCode;
import org.dormouse.dump.CoreFile;
import org.dormouse.lab.bench.CodecBench;
import org.dormouse.lab.bench.CodecMeasurement;
import org.dormouse.text.Quantity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What codecs, checksums and ciphers cost. */
@Command(
    name = "codecs",
    description =
        "Measures what each step of making an image costs by itself, in one thread, on pages of a"
            + " vmcore that are not zero: codecs, chunk sizes, checksum, ciphers.",
    mixinStandardHelpOptions = true)
final class BenchCodecsCommand implements Callable<Integer> {
  private static final int MOST_MIB = 64 << 10;

  @Spec private CommandSpec spec;

  @Option(
      names = "--from",
      paramLabel = "VMCORE",
      required = true,
      description = "A dump of a kernel; bench/vmcore makes one.")
  private Path from = Path.of("");

  @Option(
      names = "--sample",
      paramLabel = "MIB",
      defaultValue = "512",
      description = "How much of it, held in memory twice (default: ${DEFAULT-VALUE}).")
  private int sampleMib;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (sampleMib < 1 || sampleMib > MOST_MIB) {
      throw new ParameterException(spec.commandLine(), "--sample is 1 to " + MOST_MIB);
    }
    try (CoreFile core = CoreFile.open(from);
        CodecBench bench =
            new CodecBench(core, (long) sampleMib << 20, one -> say(out, one.line()))) {
      say(out, Quantity.bytes(bench.bytes()) + " of pages that are not zero");
      say(out, CodecMeasurement.HEADING);
      bench.run();
    }
    return ExitCode.OK;
  }

  private static void say(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }
}
