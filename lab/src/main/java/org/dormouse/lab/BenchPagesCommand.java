package org.dormouse.lab;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.dormouse.cli.ExitCode;
import org.dormouse.lab.oracle.LevelComparison;
import org.dormouse.lab.oracle.PageOracle;
import org.dormouse.lab.setup.CacheFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Which pages of a vmcore are kept, next to makedumpfile's choice. */
@Command(
    name = "pages",
    description =
        "Compares page by page what is left out of a dump of a vmcore, here and by makedumpfile.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:the same pages", "1:different ones", "2:wrong options"},
    mixinStandardHelpOptions = true)
final class BenchPagesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "VMCORE", description = "An ELF core of a kernel.")
  private Path vmcore;

  @Option(
      names = "--makedumpfile",
      paramLabel = "PROGRAM",
      defaultValue = "makedumpfile",
      description = "Which makedumpfile (default: ${DEFAULT-VALUE}).")
  private Path makedumpfile;

  @Option(
      names = "--level",
      paramLabel = "LEVEL",
      split = ",",
      defaultValue = "0,1,31",
      description = "Values of makedumpfile's -d (default: ${DEFAULT-VALUE}).")
  private List<Integer> levels = List.of();

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    boolean same = true;
    Path cache = CacheFolder.fromEnvironment().path();
    try (WorkFolder folder = WorkFolder.temporary(cache);
        PageOracle oracle = PageOracle.open(vmcore, Runtime.getRuntime().availableProcessors())) {
      oracle.describe().forEach(out::println);
      for (int level : levels) {
        LevelComparison found = oracle.compare(makedumpfile, level, folder.path());
        found.lines().forEach(out::println);
        out.flush();
        same &= found.isSame();
      }
    }
    return same ? ExitCode.OK : ExitCode.NO;
  }
}
