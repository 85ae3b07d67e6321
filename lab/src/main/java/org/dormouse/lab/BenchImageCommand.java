package org.dormouse.lab;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.dormouse.cli.ExitCode;
import org.dormouse.lab.bench.ImageBench;
import org.dormouse.lab.bench.ImageContender;
import org.dormouse.lab.bench.ImageResults;
import org.dormouse.lab.setup.CacheFolder;
import org.dormouse.text.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How fast images are written and read, next to makedumpfile and zstd. */
@Command(
    name = "image",
    description =
        "Measures how long it takes to make an image of a vmcore and to read it: Dormouse,"
            + " makedumpfile and zstd take turns on the same bytes.",
    mixinStandardHelpOptions = true)
final class BenchImageCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--from",
      paramLabel = "VMCORE",
      required = true,
      description = "An ELF core of a kernel; bench/vmcore makes one.")
  private Path from = Path.of("");

  @Option(
      names = "--makedumpfile",
      paramLabel = "PROGRAM",
      defaultValue = "makedumpfile",
      description = "Which makedumpfile (default: ${DEFAULT-VALUE}).")
  private Path makedumpfile = Path.of("makedumpfile");

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often each one's turn comes (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description = "How many threads, where there are several (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--only",
      paramLabel = "WORDS",
      description =
          "Only those whose line in the table contains these words; may be given several times"
              + " (default: all). Who reads needs the one who writes.")
  private List<String> only = List.of();

  @Option(
      names = "--without",
      paramLabel = "WORDS",
      description =
          "Not those whose line contains these words; may be given several times. makedumpfile with"
              + " threads takes most of the time.")
  private List<String> without = List.of();

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description = "Where to write, one file at a time (default: the cache folder).")
  private Optional<Path> folder = Optional.empty();

  @Option(names = "--json", paramLabel = "FILE", description = "Write every figure there.")
  private Optional<Path> json = Optional.empty();

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    List<ImageContender> contenders =
        ImageBench.contenders(dormouse(), makedumpfile, threads).stream()
            .filter(one -> only.isEmpty() || only.stream().anyMatch(one.label()::contains))
            .filter(one -> without.stream().noneMatch(one.label()::contains))
            .toList();
    Path base = folder.isPresent() ? folder.get() : CacheFolder.fromEnvironment().path();
    try (WorkFolder work = WorkFolder.temporary(base)) {
      ImageBench bench =
          new ImageBench(from.toAbsolutePath(), work.path(), contenders, line -> say(out, line));
      ImageResults results = new ImageResults(Files.size(from), bench.run(rounds));
      results.table().forEach(line -> say(out, line));
      results.goals(threads).forEach(line -> say(out, line));
      if (json.isPresent()) {
        Files.writeString(json.get(), Json.of(results.figures()));
      }
    }
    return ExitCode.OK;
  }

  /** This build's command line, started as this process was. */
  private static List<String> dormouse() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    return command;
  }

  private static void say(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }
}
