package org.dormouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;
import org.dormouse.vmcore.VmcoreException;
import org.junit.jupiter.api.Test;

class ErrorReportTest {
  private static final Report TOLD = new Report("no disk", "nothing was changed", "plug it in");

  private static ErrorReport told(Throwable error) {
    return ErrorReport.of(error, ErrorReport.About.MACHINE);
  }

  @Test
  void whatIsDoneWithFilesSaysNothingOfTheMachine() {
    for (Throwable error :
        List.of(
            new IOException("disk on fire"),
            new FileAlreadyExistsException("/x"),
            new VmcoreException("no VMCOREINFO"))) {
      Report report = ErrorReport.of(error, ErrorReport.About.FILES).report();
      assertThat(report.state()).contains("files are as they were").doesNotContain("machine");
      assertThat(report.line()).doesNotContain("doctor");
    }
  }

  @Test
  void whatWasToldInThreePartsIsPassedOn() {
    assertThat(told(new ReportException(TOLD)))
        .isEqualTo(new ErrorReport(TOLD, List.of(), ExitCode.UNAVAILABLE));
    assertThat(told(new ReportException(TOLD, new IOException("bad sector"))).exitCode())
        .isEqualTo(ExitCode.IO);
  }

  @Test
  void otherErrorsHaveThreePartsToo() {
    for (Throwable error :
        List.of(
            new IOException("disk on fire"),
            new IOException(),
            new FileSystemException("/x", null, "read-only"),
            new IllegalStateException("a riddle"))) {
      Report report = told(error).report();
      assertThat(report.happened()).as("%s", error).isNotEmpty();
      assertThat(report.state()).contains("goes on running");
      assertThat(report.remedy()).isNotEmpty();
    }
  }

  @Test
  void theExitCodeSaysWhatKindOfErrorItWas() {
    assertThat(told(new AccessDeniedException("/dev/mem")).exitCode())
        .isEqualTo(ExitCode.NO_PERMISSION);
    assertThat(told(new NoSuchFileException("/dev/vdz")).exitCode())
        .isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(told(new IOException("x")).exitCode()).isEqualTo(ExitCode.IO);
    assertThat(told(new IllegalStateException("x")).exitCode()).isEqualTo(ExitCode.SOFTWARE);
  }

  @Test
  void aDefectSaysWhereItIs() {
    assertThat(told(new IllegalStateException("a riddle")).report().happened())
        .startsWith("a defect in Dormouse")
        .contains("a riddle", "org.dormouse.cli.ErrorReportTest");
  }

  @Test
  void detailsStandBehindTheThreeParts() {
    StringWriter text = new StringWriter();
    new ErrorReport(TOLD, List.of("first", "second"), ExitCode.NO).print(new PrintWriter(text));
    assertThat(text.toString().lines())
        .containsExactly(
            "dormouse: no disk",
            "  state: nothing was changed",
            "  to do: plug it in",
            "  | first",
            "  | second");
  }
}
