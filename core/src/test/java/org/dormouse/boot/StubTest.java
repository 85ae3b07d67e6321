package org.dormouse.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StubTest {
  private static final long HIGH = 1L << 40;
  private static final Stub.Tables TABLES =
      new Stub.Tables(0x4444, PagingMode.FIVE_LEVEL, HIGH + 0x5555);

  record Case(String name, Stub filled, List<Long> parameters) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> stubs() {
    return Stream.of(
        new Case(
            "enter-saver",
            new Stub.EnterSaver(0x1111, 0x2222, HIGH, 0x3333, HIGH + 1),
            List.of(0x1111L, 0x2222L, HIGH, 0x3333L, HIGH + 1)),
        new Case(
            "jump-back",
            new Stub.JumpBack(TABLES, Stub.Return.WITH_REENTRY, HIGH + 7),
            List.of(0x4444L, 48L, HIGH + 0x5555, 1L, 0L, HIGH + 7, Stub.JumpBack.reentry())),
        new Case(
            "jump-back for good",
            new Stub.JumpBack(
                new Stub.Tables(1, PagingMode.FOUR_LEVEL, 2), Stub.Return.FOR_GOOD, 3),
            List.of(1L, 39L, 2L, 0L, 0L, 3L, Stub.JumpBack.reentry())),
        new Case(
            "jump-back to another kernel",
            new Stub.JumpBack(TABLES, new Stub.Return.WithReentry(HIGH + 6), HIGH + 7),
            List.of(0x4444L, 48L, HIGH + 0x5555, 1L, HIGH + 6, HIGH + 7, Stub.JumpBack.reentry())),
        new Case("dispatch", new Stub.Dispatch(HIGH + 3), List.of(HIGH + 3)),
        new Case(
            "crash-back",
            new Stub.CrashBack(
                TABLES,
                -2,
                HIGH + 8,
                -1,
                HIGH + 1,
                HIGH + 9,
                new Stub.LogCopy(0x6666, 8, HIGH + 16)),
            List.of(
                0x4444L,
                48L,
                HIGH + 0x5555,
                0xfffffffeL,
                HIGH + 8,
                -1L,
                HIGH + 1,
                HIGH + 9,
                0x6666L,
                8L,
                HIGH + 16)),
        new Case(
            "call-program",
            new Stub.CallProgram(
                0x1000000,
                new Stub.CallProgram.Call(
                    ProcessorMode.REAL,
                    0x12000003,
                    0x1200fffe,
                    Registers.zero().with(Register.AX, 0xe801).with(Register.ES, 0x1200)),
                new Stub.CallProgram.Results(0x1002000, 3, -7, 0x12100, 6000, -1),
                new Stub.CallProgram.Timer(91, 0xfed00000L)),
            callParameters()));
  }

  /** The last 21 are the registers, from AX to ES. */
  private static List<Long> callParameters() {
    List<Long> parameters =
        new ArrayList<>(
            List.of(
                0x1000000L,
                16L,
                0x12000003L,
                0x1200fffeL,
                0x1002000L,
                3L,
                -7L,
                0x12100L,
                6000L,
                -1L,
                91L,
                0xfed00000L));
    parameters.addAll(Collections.nCopies(4 + 21, 0L));
    parameters.set(16, 0xe801L);
    parameters.set(16 + 17, 2L);
    parameters.set(16 + 20, 0x1200L);
    return parameters;
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
  void theParametersAreFilledIn(Case stub) {
    ByteBuffer words = ByteBuffer.wrap(stub.filled().bytes()).order(ByteOrder.LITTLE_ENDIAN);
    int at = 16;
    for (long parameter : stub.parameters()) {
      assertThat(words.getLong(at)).isEqualTo(parameter);
      at += 8;
    }
  }

  @ParameterizedTest
  @MethodSource("stubs")
  void theFirstInstructionJumpsToJustBehindTheLastParameter(Case stub) {
    byte[] bytes = stub.filled().bytes();
    boolean near = bytes[0] == (byte) 0xeb;
    assertThat(bytes[0]).as("jmp rel8 or rel32").isEqualTo((byte) (near ? 0xeb : 0xe9));
    int target =
        near ? 2 + bytes[1] : 5 + ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(1);
    int end = 16 + 8 * stub.parameters().size();
    // What follows the parameters of call-program is its own data.
    assertThat(target).isBetween(end, near ? end : end + 0x100);
    assertThat(bytes[target]).as("cli").isEqualTo((byte) 0xfa);
  }

  @ParameterizedTest
  @MethodSource("stubs")
  void leavesRoomForTheStack(Case stub) {
    byte[] bytes = stub.filled().bytes();
    int room = stub.name().equals("call-program") ? 256 : 2048;
    assertThat(Arrays.copyOfRange(bytes, 4096 - room, 4096)).containsOnly(0);
  }

  @Test
  void theJumpBackEntryCanBeFilledInLater() {
    byte[] bytes = new Stub.JumpBack(TABLES, Stub.Return.FOR_GOOD, 0).bytes();
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(Stub.JumpBack.JUMP_BACK_ENTRY, 0x123456789L);
    assertThat(bytes)
        .isEqualTo(new Stub.JumpBack(TABLES, Stub.Return.FOR_GOOD, 0x123456789L).bytes());
  }
}
