package org.dormouse.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StubTest {
  record Case(Stub filled, Stub blank, List<Long> parameters) {}

  static Stream<Case> stubs() {
    return Stream.of(
        new Case(
            new Stub.EnterSaver(0x1111, 0x2222, 0x3333L << 32),
            new Stub.EnterSaver(0, 0, 0),
            List.of(0x1111L, 0x2222L, 0x3333L << 32)),
        new Case(
            new Stub.JumpBack(0x4444, 0x5555L << 32),
            new Stub.JumpBack(0, 0),
            List.of(0x4444L, 0x5555L << 32)));
  }

  @ParameterizedTest
  @MethodSource("stubs")
  void isAPageWithItsMarkBeforeTheParameters(Case stub) {
    byte[] bytes = stub.filled().bytes();
    assertThat(bytes).hasSize(4096);
    assertThat(new String(bytes, 8, 8, StandardCharsets.US_ASCII)).isEqualTo("DORMOUSE");
  }

  @ParameterizedTest
  @MethodSource("stubs")
  void theParametersAreFilledInAndNothingElseChanges(Case stub) {
    byte[] bytes = stub.filled().bytes();
    ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int at = 16;
    for (long parameter : stub.parameters()) {
      assertThat(words.getLong(at)).isEqualTo(parameter);
      at += 8;
    }
    Arrays.fill(bytes, 16, at, (byte) 0);
    assertThat(bytes).isEqualTo(stub.blank().bytes());
  }

  @ParameterizedTest
  @MethodSource("stubs")
  void theFirstInstructionJumpsToJustBehindTheLastParameter(Case stub) {
    byte[] bytes = stub.filled().bytes();
    assertThat(bytes[0]).as("jmp rel8").isEqualTo((byte) 0xeb);
    assertThat(2 + bytes[1]).isEqualTo(16 + 8 * stub.parameters().size());
    assertThat(bytes[2 + bytes[1]]).as("cli").isEqualTo((byte) 0xfa);
  }

  @ParameterizedTest
  @MethodSource("stubs")
  void leavesMostOfThePageToTheStack(Case stub) {
    byte[] bytes = stub.filled().bytes();
    assertThat(Arrays.copyOfRange(bytes, 2048, 4096)).containsOnly(0);
  }
}
