package org.dormouse.lab.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.dormouse.lab.qemu.SerialLine;
import org.junit.jupiter.api.Test;

class StageLogTest {
  private static List<SerialLine> lines(Object... timesAndTexts) {
    List<SerialLine> lines = new ArrayList<>();
    for (int i = 0; i < timesAndTexts.length; i += 2) {
      lines.add(new SerialLine(i / 2, seconds(timesAndTexts[i]), (String) timesAndTexts[i + 1]));
    }
    return lines;
  }

  private static Duration seconds(Object seconds) {
    return Duration.ofMillis(Math.round(((Number) seconds).doubleValue() * 1000));
  }

  @Test
  void fallingAsleep() {
    StageLog log =
        StageLog.of(
            lines(
                10.5, "[    9.900000] dormouse: stage check",
                10.7, "[    9.901000] dormouse: stage load",
                10.8, "[    9.902000] dormouse: fact region_bytes 167772160",
                12.0, "[   11.000000] dormouse: stage jump",
                12.5, "[    0.000000] Linux version 6.12.117 (x@y)",
                15.0, "dormouse: stage saver",
                15.5, "dormouse: stage knitting",
                19.0, "dormouse: fact wool_colour dark green"),
            seconds(10),
            "command",
            seconds(20));
    assertThat(log.stages())
        .extracting(Stage::name)
        .containsExactly("command", "check", "load", "jump", "boot", "saver", "knitting");
    assertThat(log.seconds().get("boot")).isCloseTo(2.5, within(1e-9));
    assertThat(log.seconds().get("knitting")).isCloseTo(4.5, within(1e-9));
    assertThat(log.seconds().values().stream().mapToDouble(x -> x).sum())
        .isCloseTo(10, within(1e-9));
    assertThat(log.number("region_bytes")).contains(167772160L);
    assertThat(log.facts()).containsEntry("wool_colour", "dark green");
    assertThat(log.number("wool_colour")).isEmpty();
  }

  @Test
  void wakingEndsWithTheStageThatSaysSo() {
    StageLog log =
        StageLog.of(
            lines(
                1, "[    0.000000] Linux version 6.12.117",
                3, "dormouse: stage resume",
                7, "[   20.000000] dormouse: stage awake"),
            Duration.ZERO,
            "firmware",
            seconds(7));
    assertThat(log.seconds())
        .containsExactly(
            java.util.Map.entry("firmware", 1.0),
            java.util.Map.entry("boot", 2.0),
            java.util.Map.entry("resume", 4.0));
  }

  @Test
  void aKernelThatBootsQuietlyIsFoundByItsLaterTimes() {
    StageLog log =
        StageLog.of(
            lines(
                10,
                "[   50.000000] dormouse: stage jump",
                10.1,
                "[   50.100000] printk: Suspending console(s)",
                18,
                "dormouse: stage saver",
                30,
                "[   17.500000] reboot: Power down"),
            seconds(10),
            "command",
            seconds(30.5));
    assertThat(log.seconds())
        .containsExactly(
            java.util.Map.entry("command", 0.0),
            java.util.Map.entry("jump", 2.5),
            java.util.Map.entry("boot", 5.5),
            java.util.Map.entry("saver", 12.5));
  }

  @Test
  void aKernelThatGoesOnDoesNotBoot() {
    StageLog log =
        StageLog.of(
            lines(
                1, "[    0.000000] Linux version 6.12.117",
                19, "[   18.200000] kexec_core: Starting new kernel",
                23, "[   50.900000] Enabling non-boot CPUs ..."),
            Duration.ZERO,
            "firmware",
            seconds(24));
    assertThat(log.seconds().keySet()).containsExactly("firmware", "boot");
    assertThat(log.stages()).hasSize(2);
  }

  @Test
  void aStageThatComesTwiceIsAddedUp() {
    StageLog log =
        StageLog.of(
            lines(1, "dormouse: stage a", 2, "dormouse: stage b", 4, "dormouse: stage a"),
            seconds(1),
            "first",
            seconds(5));
    assertThat(log.seconds()).containsEntry("a", 2.0).containsEntry("b", 2.0);
  }

  @Test
  void aSilentConsoleIsOneStage() {
    assertThat(StageLog.of(List.of(), seconds(1), "command", seconds(3)).seconds())
        .containsExactly(java.util.Map.entry("command", 2.0));
  }
}
