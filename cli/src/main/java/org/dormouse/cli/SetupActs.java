package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.dormouse.loader.BootLoader;
import org.dormouse.loader.DirectWake;
import org.dormouse.setup.Setup;
import org.dormouse.stores.RemoveStore;
import org.dormouse.text.ReportException;
import picocli.CommandLine;

/** What a setup has done by other commands of Dormouse's, and by the system's programs. */
final class SetupActs implements Setup.Acts {
  private final Consumer<String> say;

  /** Tells {@code say} why something is left. */
  SetupActs(Consumer<String> say) {
    this.say = say;
  }

  /**
   * Checks that a file for images can be made.
   *
   * @throws ReportException if it cannot
   */
  static void checkStore(Path file, OptionalLong bytes) throws IOException {
    own(words(file, bytes, "--dry-run"));
  }

  @Override
  public void createStore(Path file, OptionalLong bytes) throws IOException {
    own(words(file, bytes));
  }

  private static String[] words(Path file, OptionalLong bytes, String... more) {
    List<String> words = new ArrayList<>(List.of("store", "create", file.toString()));
    if (bytes.isPresent()) {
      words.add("--size");
      words.add(Math.ceilDiv(bytes.getAsLong(), 1L << 20) + "M");
    }
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }

  @Override
  public boolean deleteStore(Path file) throws IOException {
    try {
      RemoveStore.run(file);
      return true;
    } catch (ReportException e) {
      say.accept(e.report().line());
      return false;
    }
  }

  @Override
  public void makeSaver(Path initramfs, String release) throws IOException {
    own("initramfs", "saver", "--kernel-release", release, "--output", initramfs.toString());
  }

  @Override
  public void layOutBootEntry() throws IOException {
    DirectWake.by(BootLoader.observe()).layOut();
  }

  @Override
  public void removeBootEntry() throws IOException {
    try {
      DirectWake.by(BootLoader.observe()).remove();
    } catch (IllegalArgumentException e) {
      throw new IOException("the boot loader's files: " + e.getMessage(), e);
    }
  }

  /** Runs one of our own commands, in this process. */
  private static void own(String... words) throws IOException {
    StringWriter said = new StringWriter();
    CommandLine line = Main.commandLine(Path.of("/"), words);
    line.setOut(new PrintWriter(said)).setErr(new PrintWriter(said));
    int code = line.execute(words);
    if (code != ExitCode.OK) {
      throw new ReportException(
          "dormouse " + String.join(" ", words) + ": " + said.toString().strip(),
          "What was done until then stays, and is remembered.",
          "Mend it and run 'dormouse setup-machine' again, or take all back: dormouse"
              + " setup-machine --undo");
    }
  }

  @Override
  public void run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    try {
      int code = process.waitFor();
      if (code != 0) {
        throw new IOException(String.join(" ", command) + ": exit code " + code + "\n" + said);
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException(command.getFirst() + ": interrupted", e);
    }
  }
}
