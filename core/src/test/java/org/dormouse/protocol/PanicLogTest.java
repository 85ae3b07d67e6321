package org.dormouse.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PanicLogTest {
  private static final int ZONE = 32768;
  private static final String TEXT =
      """
      ====1764355000.123456-D
      Panic#1 Part1
      <5>[    2.100000] dormouse: stage save
      <6>[    3.200000] sysrq: Trigger a crash
      <0>[    3.210000] Kernel panic - not syncing: sysrq triggered crash
      <4>[    3.220000] CPU: 0 UID: 0 PID: 77 Comm: sh
      """;

  /** A zone as ramoops leaves it. */
  private static MemorySegment zone(String signature, int size, byte[] text) {
    ByteBuffer zone = ByteBuffer.allocate(ZONE).order(ByteOrder.LITTLE_ENDIAN);
    zone.put(signature.getBytes(StandardCharsets.US_ASCII)).putInt(0).putInt(size).put(text);
    return MemorySegment.ofArray(zone.array());
  }

  private static MemorySegment zone(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return zone("DBGC", bytes.length, bytes);
  }

  @Test
  void tellsTheKernelsLinesAndWhyItPanicked() {
    PanicLog log = PanicLog.of(zone(TEXT));
    assertThat(log.lines())
        .startsWith("[    2.100000] dormouse: stage save", "[    3.200000] sysrq: Trigger a crash")
        .hasSize(4);
    assertThat(log.cause()).contains("sysrq triggered crash");
  }

  @Test
  void oldBytesOrNoneAreNoLog() {
    assertThat(PanicLog.of(MemorySegment.ofArray(new byte[ZONE]))).isEqualTo(PanicLog.none());
    assertThat(PanicLog.of(zone("DBGD", 9, new byte[9]))).isEqualTo(PanicLog.none());
    assertThat(PanicLog.none().cause()).isEmpty();
  }

  @Test
  void onlyTheLastLinesAreTold() {
    PanicLog log = PanicLog.of(zone("a line\n".repeat(500) + "the last\n"));
    assertThat(log.lines()).hasSize(60).endsWith("the last");
  }

  @Property
  void whateverLiesThereIsReadWithoutAControlCharacter(@ForAll byte[] text, @ForAll int size) {
    byte[] some = java.util.Arrays.copyOf(text, Math.min(text.length, 1000));
    assertThat(PanicLog.of(zone("DBGC", size, some)).lines())
        .allMatch(line -> line.chars().noneMatch(Character::isISOControl));
  }
}
