package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.dormouse.cli.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

class MachineArgumentsTest {
  @ParameterizedTest
  @CsvSource({"512M, 512", "1G, 1024", "3g, 3072", "1GiB, 1024", "64MB, 64"})
  void sizes(String text, long mebibytes) {
    assertThat(new MachineArguments.MemorySize().convert(text)).isEqualTo(mebibytes << 20);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "12", "0G", "1T", "-1G", "1.5G"})
  void noSizes(String text) {
    assertThat(
            org.assertj.core.api.Assertions.catchThrowable(
                () -> new MachineArguments.MemorySize().convert(text)))
        .isInstanceOf(TypeConversionException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--fill=120%",
        "--disk=floppy",
        "--memory=lots",
        "--accel=turbo",
        "--firmware=coreboot",
        "--wake=kiss"
      })
  void aWrongOptionIsSaidAndNothingIsDone(String option) {
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine().setErr(new PrintWriter(err));
    assertThat(line.execute("demo", option)).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains(option.substring(0, option.indexOf('=')));
  }

  @Test
  void everyCommandHasHelp() {
    StringWriter out = new StringWriter();
    CommandLine line = Main.commandLine().setOut(new PrintWriter(out));
    assertThat(line.execute("demo", "--help")).isZero();
    assertThat(line.execute("lab", "shell", "--help")).isZero();
    assertThat(out.toString())
        .contains("--memory", "--cpus", "--fill", "--cycles", "--cpu", "--disk", "--accel")
        .contains("--seed", "--keep", "--json", "--firmware", "--wake", "--used-before");
  }

  @Test
  void theBenchHasHelp() {
    StringWriter out = new StringWriter();
    CommandLine line = Main.commandLine().setOut(new PrintWriter(out));
    assertThat(line.execute("bench", "sleep", "--help")).isZero();
    assertThat(out.toString()).contains("--rounds", "--json", "--svg", "--only");
  }
}
