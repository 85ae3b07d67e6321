package org.dormouse.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessMemoryTest {
  @Test
  void thisProcessHasSome() throws IOException {
    assertThat(ProcessMemory.anonymous(ProcessHandle.current().pid()).orElseThrow())
        .isBetween(1L << 20, 1L << 34);
  }

  @Test
  void whoIsGoneHasNone() throws IOException {
    assertThat(ProcessMemory.anonymous(Long.MAX_VALUE)).isEmpty();
  }

  @Test
  void theFigureIsInKibibytes() {
    assertThat(ProcessMemory.parse(List.of("VmRSS:\t  47280 kB", "RssAnon:\t   16 kB")))
        .hasValue(16 << 10);
  }
}
