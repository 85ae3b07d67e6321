package org.dormouse.saver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import org.dormouse.protocol.Journal;
import org.dormouse.text.Report;
import org.junit.jupiter.api.Test;

class CallOffTest {
  private static final Report ONE = new Report("one", "state", "remedy");
  private static final Report OTHER = new Report("other", "state", "remedy");

  @Test
  void theFirstReasonCountsAndTheWorkIsInterrupted() {
    CallOff callOff = new CallOff();
    assertThat(callOff.because(ONE)).isTrue();
    assertThat(callOff.because(OTHER)).isFalse();
    assertThat(Thread.currentThread().isInterrupted()).isTrue();
    assertThat(callOff.why()).contains(ONE);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void fromACertainMomentOnItIsTooLate() throws InterruptedException {
    CallOff callOff = new CallOff();
    callOff.tooLate();
    assertThat(callOff.because(ONE)).isFalse();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThat(callOff.why()).isEmpty();
  }

  @Test
  void whoIsCalledOffJustBeforeThatDoesNotGoOn() {
    CallOff callOff = new CallOff();
    callOff.because(ONE);
    assertThatThrownBy(callOff::tooLate).isInstanceOf(InterruptedException.class);
    callOff.why();
  }

  @Test
  void aTimeLimitCallsOff() {
    CallOff callOff = new CallOff();
    try (TimeLimit _ = new TimeLimit(Optional.of(Duration.ofMillis(20)), callOff, new Silent())) {
      assertThatThrownBy(() -> Thread.sleep(Duration.ofSeconds(20)))
          .isInstanceOf(InterruptedException.class);
    }
    assertThat(callOff.why().orElseThrow().happened()).contains("its time limit");
  }

  @Test
  void escapeByItselfAndControlCCallOffAndNoOtherKey() {
    assertThat(SaverScreen.callsOff(new byte[] {27})).isTrue();
    assertThat(SaverScreen.callsOff(new byte[] {'x', 3})).isTrue();
    assertThat(SaverScreen.callsOff(new byte[] {27, '[', 'A'})).as("an arrow key").isFalse();
    assertThat(SaverScreen.callsOff(new byte[] {'q', '\n'})).isFalse();
    assertThat(SaverScreen.callsOff(new byte[0])).isFalse();
  }

  private static final class Silent implements Journal {
    @Override
    public void stage(String name) {}

    @Override
    public void fact(String name, String value) {}

    @Override
    public void say(String sentence) {}
  }
}
