package org.dormouse.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class EarlyCpioTest {
  @Property(tries = 100)
  void theContentIsWhereItSaysAndTheRestIsWholePages(@ForAll @Size(max = 9000) byte[] content) {
    EarlyCpio archive = EarlyCpio.of("file.elf", content);
    assertThat(archive.bytes().length % 4096).isZero();
    assertThat(archive.content() % 4).isZero();
    assertThat(
            Arrays.copyOfRange(
                archive.bytes(), archive.content(), archive.content() + content.length))
        .isEqualTo(content);
  }

  @Test
  void theFileIsOneOfRootThatOnlyRootReads() {
    String text =
        new String(EarlyCpio.of("ab", new byte[300]).bytes(), StandardCharsets.ISO_8859_1);
    assertThat(text)
        .startsWith(
            "070701"
                + "00000001"
                + "00008100"
                + "00000000".repeat(2)
                + "00000001"
                + "00000000"
                + "0000012c"
                + "00000000".repeat(4)
                + "00000003"
                + "00000000"
                + "ab\0\0\0\0");
    assertThat(text.indexOf("070701", 1) % 4).isZero();
    assertThat(text).contains("0000000b00000000TRAILER!!!\0");
  }
}
