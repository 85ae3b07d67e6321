package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dormouse.image.Image;
import org.dormouse.image.ImageFormatException;
import org.dormouse.image.ImageState;
import org.dormouse.setup.Setup;
import org.dormouse.store.BlockStore;
import org.dormouse.text.ReportException;
import picocli.CommandLine;

/** What a setup has done by other commands of Dormouse's, and by the system's programs. */
final class SetupActs implements Setup.Acts {
  @Override
  public void createStore(Path file, long bytes) throws IOException {
    own("store", "create", file.toString(), "--size", (bytes >> 20) + "M");
  }

  @Override
  public boolean deleteStore(Path file) throws IOException {
    try (BlockStore store = BlockStore.forReading(file)) {
      ImageState state = Image.header(store).state();
      if (state == ImageState.COMPLETE || state == ImageState.REFUSED) {
        return false;
      }
    } catch (ImageFormatException e) {
      // What is no image can go.
    }
    Files.deleteIfExists(file);
    return true;
  }

  @Override
  public void makeSaver(Path initramfs, String release) throws IOException {
    own("initramfs", "saver", "--kernel-release", release, "--output", initramfs.toString());
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
