package org.dormouse.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuspendToRamTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "freeze mem disk, s2idle [deep], true",
    "freeze mem disk, s2idle deep [shallow], true",
    "mem disk, [s2idle], false",
    "freeze disk, [deep], false"
  })
  void memoryIsKeptWithAllElseOff(String states, String ways, boolean possible) throws Exception {
    Files.writeString(folder.resolve("state"), states + "\n");
    Files.writeString(folder.resolve("mem_sleep"), ways + "\n");
    assertThat(SuspendToRam.read(folder).isPossible()).isEqualTo(possible);
  }

  @Test
  void aKernelWithoutSuspendOffersNothing() throws Exception {
    assertThat(SuspendToRam.read(folder).isPossible()).isFalse();
  }
}
