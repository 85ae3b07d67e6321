package org.dormouse.lab;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.dormouse.cli.ExitCode;
import org.dormouse.lab.packaging.DebianPackage;
import org.dormouse.lab.setup.CacheFolder;
import org.dormouse.lab.setup.ConsoleReporter;
import org.dormouse.lab.setup.Reporter;
import org.dormouse.lab.setup.Setup;
import org.dormouse.lab.setup.SetupException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Builds the Debian package. */
@Command(
    name = "package",
    description = "Builds a Debian package of Dormouse. It brings its own Java runtime along.",
    mixinStandardHelpOptions = true)
final class PackageCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--output",
      paramLabel = "FOLDER",
      defaultValue = ".",
      description = "Where to write it (default: the folder one is in).")
  private Path output = Path.of("");

  @Option(
      names = "--docs",
      paramLabel = "FOLDER",
      required = true,
      hidden = true,
      description = "What the manual refers to; the launcher says where that is.")
  private Path documents = Path.of("");

  @Override
  public Integer call() throws SetupException {
    CacheFolder cache = CacheFolder.fromEnvironment();
    Reporter reporter = ConsoleReporter.onStandardError();
    Path software = new Setup(cache, reporter).software();
    Path made =
        new DebianPackage(cache, reporter)
            .build(software, documents, output.toAbsolutePath().normalize());
    spec.commandLine().getOut().println(made);
    spec.commandLine().getOut().flush();
    return ExitCode.OK;
  }
}
