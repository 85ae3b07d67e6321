package org.dormouse.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class CommandLineTest {
  private static final CommandLine LINE =
      CommandLine.parse(" quiet  console=tty0 console=ttyS0 entry=0x1F00\nbad=0xz\n");

  @Test
  void findsWordsAndTheLastOfEqualNames() {
    assertThat(LINE.has("quiet")).isTrue();
    assertThat(LINE.has("console")).isFalse();
    assertThat(LINE.value("console")).contains("ttyS0");
    assertThat(LINE.value("cons")).isEmpty();
  }

  @Test
  void readsAddresses() throws IOException {
    assertThat(LINE.address("entry")).isEqualTo(OptionalLong.of(0x1f00));
    assertThat(LINE.address("other")).isEmpty();
    assertThatThrownBy(() -> LINE.address("bad")).hasMessageContaining("bad=0xz");
  }
}
