package org.dormouse.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ByteSizeTest {
  @ParameterizedTest
  @CsvSource({
    "512M,536870912",
    "512m,536870912",
    "3G,3221225472",
    "3GiB,3221225472",
    "3gb,3221225472",
    "2T,2199023255552"
  })
  void binaryUnitsAreRead(String text, long bytes) {
    assertThat(new ByteSize().convert(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "G", "1", "1024", "1K", "0G", "00M", "-1G", "1.5G", "1 G", "1000000G"})
  void anythingElseIsNoSize(String text) {
    assertThatThrownBy(() -> new ByteSize().convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("'" + text + "'");
  }

  @Test
  void theLargestStillFits() {
    assertThat(new ByteSize().convert("999999T")).isEqualTo(999_999L << 40);
  }
}
