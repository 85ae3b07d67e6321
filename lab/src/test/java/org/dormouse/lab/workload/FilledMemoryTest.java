package org.dormouse.lab.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class FilledMemoryTest {
  private static final int BLOCK = FilledMemory.BLOCK_BYTES;

  private final FilledMemory memory = new FilledMemory(new PageContent(1));

  @Test
  void whatWasFilledIsRight() throws Exception {
    memory.grow(3 * BLOCK - 5);
    memory.grow(1);
    assertThat(memory.bytes()).isEqualTo(4L * BLOCK);
    assertThat(memory.wrongPages()).isZero();
  }

  @Test
  void aFlippedBitIsFound() throws Exception {
    memory.grow(2 * BLOCK);
    MemorySegment block = memory.block(1);
    long offset = BLOCK - 1;
    byte old = block.get(ValueLayout.JAVA_BYTE, offset);
    block.set(ValueLayout.JAVA_BYTE, offset, (byte) (old ^ 4));
    assertThat(memory.wrongPages()).isEqualTo(1);
  }

  @Test
  void swappedPagesAreFound() throws Exception {
    memory.grow(2 * BLOCK);
    MemorySegment one = memory.block(0).asSlice(0, PageContent.BYTES);
    MemorySegment other = memory.block(1).asSlice(BLOCK / 2, PageContent.BYTES);
    long[] kept = one.toArray(ValueLayout.JAVA_LONG);
    one.copyFrom(other);
    other.copyFrom(MemorySegment.ofArray(kept));
    assertThat(memory.wrongPages()).isEqualTo(2);
  }

  @Test
  void aZeroedPageIsFound() throws Exception {
    memory.grow(BLOCK);
    memory.block(0).asSlice(5L * PageContent.BYTES, PageContent.BYTES).fill((byte) 0);
    assertThat(memory.wrongPages()).isEqualTo(1);
  }
}
