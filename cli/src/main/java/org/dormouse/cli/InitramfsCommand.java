package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.dormouse.initramfs.Contents;
import org.dormouse.initramfs.ExtraFile;
import org.dormouse.initramfs.Folders;
import org.dormouse.initramfs.Initramfs;
import org.dormouse.initramfs.JavaHome;
import org.dormouse.initramfs.Program;
import org.dormouse.initramfs.SoftwareTree;
import org.dormouse.text.Quantity;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Builds the initramfs. */
@Command(
    name = "initramfs",
    description = "Builds the initramfs that the saver kernel, or an ordinary boot, starts with.",
    mixinStandardHelpOptions = true)
final class InitramfsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  /** Which initramfs. */
  enum Kind {
    SAVER,
    BOOT
  }

  @Parameters(
      paramLabel = "KIND",
      description =
          "saver: what the saver kernel starts with; boot: what an ordinary boot starts with, which"
              + " looks for an image.")
  private Kind kind;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      required = true,
      description = "Where to write it.")
  private Path output;

  @Option(
      names = "--with",
      paramLabel = "FILE:PATH",
      description = "Another file, and where it shall be in the initramfs; may be given again.")
  private List<String> extras = List.of();

  @Option(
      names = "--jdk",
      paramLabel = "FOLDER",
      description =
          "The JDK whose runtime goes in (default: the one that runs this command; where Dormouse is"
              + " installed, the runtime that it brings along).")
  private Optional<Path> jdk = Optional.empty();

  @Mixin private ModuleOptions modules;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    List<ExtraFile> files = extraFiles();
    return switch (kind) {
      case BOOT -> {
        write(out, Initramfs.boot(), files);
        yield ExitCode.OK;
      }
      case SAVER -> {
        writeSaver(out, files);
        yield ExitCode.OK;
      }
    };
  }

  private void writeSaver(PrintWriter out, List<ExtraFile> files) throws IOException {
    Installation installation = Installation.running();
    if (jdk.isEmpty()) {
      Program agent = installation.agent(Path.of(""));
      Optional<SoftwareTree> installed =
          SoftwareTree.around(Path.of(System.getProperty("java.home")), agent);
      if (installed.isPresent()) {
        write(out, withModules(out, Initramfs.saver(installed.get(), agent)), files);
        return;
      }
    }
    Path folder = Files.createTempDirectory("dormouse-initramfs");
    try {
      JavaHome home = jdk.isPresent() ? JavaHome.of(jdk.get()) : JavaHome.running();
      Program agent = installation.agent(folder);
      out.println("linking a Java runtime");
      out.flush();
      SoftwareTree tree =
          SoftwareTree.stage(
              home, installation.agentJars(), List.of(agent), folder.resolve("software"));
      write(out, withModules(out, Initramfs.saver(tree, agent)), files);
    } finally {
      Folders.delete(folder);
    }
  }

  private Initramfs withModules(PrintWriter out, Initramfs saver) throws IOException {
    List<Path> chosen = modules.choose();
    if (!chosen.isEmpty()) {
      out.println(
          "kernel modules: "
              + chosen.stream()
                  .map(file -> file.getFileName().toString().replaceFirst("\\.ko.*", ""))
                  .collect(Collectors.joining(" ")));
    }
    return saver.withModules(chosen);
  }

  private void write(PrintWriter out, Initramfs initramfs, List<ExtraFile> files)
      throws IOException {
    Initramfs whole = initramfs;
    for (ExtraFile file : files) {
      whole = whole.with(file);
    }
    out.println("packing");
    out.flush();
    print(out, whole.writeTo(output));
    FileDigest.note(output);
  }

  private List<ExtraFile> extraFiles() throws ReportException {
    List<ExtraFile> files = new ArrayList<>();
    for (String extra : extras) {
      int colon = extra.lastIndexOf(':');
      try {
        files.add(new ExtraFile(Path.of(extra.substring(0, colon)), extra.substring(colon + 1)));
      } catch (IllegalArgumentException | StringIndexOutOfBoundsException e) {
        throw new ReportException(
            new Report(
                "--with " + extra + " is not of the form FILE:/PATH",
                "Nothing was written.",
                "For example: --with /etc/fstab:/etc/fstab"),
            e);
      }
    }
    return files;
  }

  private void print(PrintWriter out, Contents contents) {
    out.printf(
        "%s: %s packed, %s unpacked, %.1f s, made of:%n",
        output,
        Quantity.bytes(contents.packedBytes()),
        Quantity.bytes(contents.unpackedBytes()),
        contents.elapsed().toMillis() / 1e3);
    for (Contents.Share share : contents.shares()) {
      out.printf(
          "  %10s  %4.1f %%  %s%n",
          Quantity.bytes(share.bytes()), 100 * contents.partOf(share), share.name());
    }
    out.flush();
  }
}
