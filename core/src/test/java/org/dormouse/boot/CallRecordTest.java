package org.dormouse.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class CallRecordTest {
  @Test
  void wordsAreReadInTheStubsOrder() {
    MemorySegment memory = MemorySegment.ofArray(new byte[CallRecord.BYTES]);
    long[] words = {2, 14, 3, 0x3000000, 0xaaaa, 0xbbbb};
    for (int i = 0; i < words.length; i++) {
      memory.set(LittleEndian.U64, 8L * i, words[i]);
    }
    memory.set(LittleEndian.U64, CallRecord.BYTES - 8L, 0x1200);
    CallRecord record = CallRecord.of(memory);
    assertThat(record.end()).isEqualTo(CallRecord.End.FAULTED);
    assertThat(record.vector()).isEqualTo(14);
    assertThat(record.errorCode()).isEqualTo(3);
    assertThat(record.faultAddress()).isEqualTo(0x3000000);
    assertThat(record.registers().get(Register.AX)).isEqualTo(0xaaaa);
    assertThat(record.registers().get(Register.BX)).isEqualTo(0xbbbb);
    assertThat(record.registers().get(Register.ES)).isEqualTo(0x1200);
  }

  @Test
  void zerosAndNonsenseSayNothing() {
    MemorySegment memory = MemorySegment.ofArray(new byte[CallRecord.BYTES]);
    assertThat(CallRecord.of(memory).end()).isEqualTo(CallRecord.End.UNKNOWN);
    memory.set(LittleEndian.U64, 0, -1);
    assertThat(CallRecord.of(memory).end()).isEqualTo(CallRecord.End.UNKNOWN);
    memory.set(LittleEndian.U64, 0, 4);
    assertThat(CallRecord.of(memory).end()).isEqualTo(CallRecord.End.UNKNOWN);
  }

  @Test
  void registersAreCalledAsTheyAreInEachMode() {
    assertThat(Register.AX.name(ProcessorMode.LONG)).isEqualTo("rax");
    assertThat(Register.R8.name(ProcessorMode.LONG)).isEqualTo("r8");
    assertThat(Register.FLAGS.name(ProcessorMode.PROTECTED)).isEqualTo("eflags");
    assertThat(Register.ES.name(ProcessorMode.REAL)).isEqualTo("es");
    assertThat(Register.R15.isIn(ProcessorMode.PROTECTED)).isFalse();
    assertThat(Register.DS.isIn(ProcessorMode.LONG)).isFalse();
    assertThat(Register.IP.isIn(ProcessorMode.REAL)).isTrue();
  }
}
