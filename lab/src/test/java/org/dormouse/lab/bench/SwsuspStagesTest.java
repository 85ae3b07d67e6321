package org.dormouse.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.dormouse.lab.demo.Stage;
import org.dormouse.lab.demo.Transition;
import org.dormouse.lab.qemu.SerialLine;
import org.junit.jupiter.api.Test;

class SwsuspStagesTest {
  private static SerialLine at(long second, String text) {
    return new SerialLine((int) second, Duration.ofSeconds(second), text);
  }

  private static String names(List<Stage> stages) {
    return String.join(
        " ", stages.stream().map(stage -> stage.name() + "=" + stage.took().toSeconds()).toList());
  }

  @Test
  void aSleep() {
    Transition transition =
        new Transition(
            Duration.ofSeconds(10),
            Duration.ofSeconds(20),
            List.of(
                at(11, "[   23.1] PM: hibernation: hibernation entry"),
                at(12, "[   23.2] PM: hibernation: Preallocating image memory"),
                at(15, "[   23.3] Freezing remaining freezable tasks"),
                at(16, "[   23.4] PM: Compressing and saving image data (5 pages)..."),
                at(19, "[   23.5] PM: hibernation: Wrote 20 kbytes in 0.01 seconds")));
    assertThat(names(SwsuspStages.SLEEP.of(transition)))
        .isEqualTo("command=1 freeze=1 make room=3 snapshot=1 save=3 poweroff=1");
  }

  @Test
  void theImageIsAsLargeAsTheKernelSays() throws Exception {
    SerialLine line = at(1, "[    9.36] PM: Image size after compression: 155520 kbytes");
    Transition transition = new Transition(Duration.ZERO, Duration.ofSeconds(2), List.of(line));
    assertThat(SwsuspStages.imageBytes(transition)).isEqualTo(155520L << 10);
  }

  @Test
  void aLineThatDoesNotComeLeavesItsStageToTheOneBefore() {
    Transition transition =
        new Transition(
            Duration.ZERO,
            Duration.ofSeconds(9),
            List.of(at(1, "Linux version 6.12"), at(5, "PM: hibernation: Read 20 kbytes")));
    assertThat(names(SwsuspStages.WAKE.of(transition))).isEqualTo("firmware=1 boot=4 wake=4");
  }
}
