package org.dormouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MainTest {
  @TempDir Path folder;

  private record Result(int status, String out, String err) {}

  private static Result run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine(arguments);
    line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int status = line.execute(arguments);
    return new Result(status, out.toString(), err.toString());
  }

  @Test
  void helpNamesEveryCommandForUsers() {
    assertThat(run("--help").out)
        .contains("hibernate", "arm", "disarm", "rehearse", "doctor", "image", "initramfs")
        .doesNotContain("train");
  }

  @Test
  void aWrongCommandLineIsUsageAndNoStackTrace() {
    for (String[] wrong :
        new String[][] {
          {},
          {"fly"},
          {"hibernate", "--fast"},
          {"hibernate", "--image-size", "0"},
          {"image"},
          {"initramfs"},
          {"initramfs", "saver"},
          {"initramfs", "both", "--output", "x"}
        }) {
      Result result = run(wrong);
      assertThat(result.status).isEqualTo(ExitCode.USAGE);
      assertThat(result.err).isNotEmpty().doesNotContain("\tat ");
    }
  }

  @Test
  void anErrorHasThreeParts() {
    Result result = run("image", "info", folder.resolve("absent").toString());
    assertThat(result.status).isEqualTo(ExitCode.IO);
    assertThat(result.err.lines()).hasSize(3);
    assertThat(result.err).contains("absent", "state: ", "to do: ");
  }

  @Test
  void aStoreWithoutAnImageIsToldAndLeftAlone() throws Exception {
    Path store = Files.write(folder.resolve("store"), new byte[8192]);
    for (String command : new String[] {"info", "verify", "discard", "retry"}) {
      Result result = run("image", command, store.toString());
      assertThat(result.status).as(command).isEqualTo(ExitCode.NO);
      assertThat(result.err).contains("this is not a Dormouse image");
    }
    assertThat(store).hasBinaryContent(new byte[8192]);
  }

  @Test
  void aSaverKernelThatIsNotThereIsNamed() {
    Result result = run("rehearse", "--kernel", folder.resolve("none").toString());
    assertThat(result.status).isNotZero();
    assertThat(result.err).contains("there is no saver kernel").contains("--kernel");
  }
}
