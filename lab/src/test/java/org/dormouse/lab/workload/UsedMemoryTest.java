package org.dormouse.lab.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;

class UsedMemoryTest {
  private static final long MIB = 1 << 20;

  @Test
  void nothingOfItCompresses() throws Exception {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = UsedMemory.fill(9 * MIB, arena);
      assertThat(memory.byteSize()).isEqualTo(12 * MIB);
      ByteArrayOutputStream compressed = new ByteArrayOutputStream();
      try (DeflaterOutputStream out = new DeflaterOutputStream(compressed)) {
        out.write(memory.toArray(ValueLayout.JAVA_BYTE));
      }
      assertThat((long) compressed.size()).isGreaterThan(12 * MIB);
    }
  }

  @Test
  void noTwoPagesOfABlockAreEqual() throws Exception {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = UsedMemory.fill(4 * MIB, arena);
      Set<Long> firstWords = new HashSet<>();
      for (long at = 0; at < memory.byteSize(); at += 4096) {
        firstWords.add(memory.get(ValueLayout.JAVA_LONG, at));
      }
      assertThat(firstWords).hasSize(1024).doesNotContain(0L);
    }
  }
}
