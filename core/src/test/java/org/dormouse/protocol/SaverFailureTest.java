package org.dormouse.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.dormouse.mailbox.MailboxAnswer;
import org.dormouse.mailbox.MailboxStatus;
import org.dormouse.text.KeyValues;
import org.dormouse.text.Report;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SaverFailureTest {
  private static final KeyValues LINES =
      KeyValues.empty()
          .with(SaverAnswer.LOG, "Linux version")
          .with(SaverAnswer.PRINTED, "first")
          .with(SaverAnswer.PRINTED, "second");

  @Test
  void whatTheSaverSaysIsPassedOn() {
    SaverFailure failure =
        SaverFailure.told(
            LINES
                .with(SaverAnswer.HAPPENED, "no disk")
                .with(SaverAnswer.STATE, "no image")
                .with(SaverAnswer.REMEDY, "plug it in"));
    assertThat(failure.report())
        .isEqualTo(
            new Report(
                "no disk",
                "no image The machine goes on as if nothing had happened.",
                "plug it in"));
    assertThat(failure).hasMessage("no disk");
    assertThat(failure.details()).containsExactly("first", "second", "Linux version");
  }

  /** Once there was no answer at all then: 0x85, a line feed of old, was left in the line. */
  @Test
  void noControlCharacterIsLeftInAnAnswer() {
    KeyValues answer = SaverAnswer.failed(new Report("no\u0085disk", "no\u001bimage", "none"));
    assertThat(answer.text(SaverAnswer.HAPPENED)).isEqualTo("no disk");
    assertThat(answer.text(SaverAnswer.STATE)).isEqualTo("no image");
  }

  @Test
  void aSaverThatSaysNothingLeavesNoEmptyReport() {
    for (SaverFailure failure :
        List.of(
            SaverFailure.told(KeyValues.empty()),
            SaverFailure.panicked(PanicLog.none()),
            SaverFailure.silent(),
            died(1))) {
      assertThat(failure.report().happened()).contains("the saver");
      assertThat(failure.report().state()).contains("The machine goes on");
      assertThat(failure.report().remedy()).isNotEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "132,SIGILL",
    "134,SIGABRT",
    "135,SIGBUS",
    "137,SIGKILL: as the kernel does when memory runs out",
    "139,SIGSEGV"
  })
  void theSignalThatEndedTheProgramIsNamed(long exitCode, String signal) {
    assertThat(died(exitCode).report().happened()).contains("exit code " + exitCode, signal);
  }

  @Test
  void anExitCodeThatIsNoSignalsIsSaidAsItIs() {
    assertThat(died(1).report().happened()).endsWith("exit code 1: second");
    assertThat(died(1).details()).containsExactly("first", "second", "Linux version");
  }

  private static SaverFailure died(long exitCode) {
    return SaverFailure.died(new MailboxAnswer(1, MailboxStatus.AGENT_DIED, exitCode, LINES));
  }
}
