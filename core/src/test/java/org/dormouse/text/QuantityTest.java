package org.dormouse.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantityTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0 bytes",
    "1023, 1023 bytes",
    "1024, 1.0 KiB",
    "1572864, 1.5 MiB",
    "148897792, 142 MiB",
    "3221225472, 3.0 GiB",
    "2251799813685248, 2048 TiB"
  })
  void isReadByPeople(long bytes, String text) {
    assertThat(Quantity.bytes(bytes)).isEqualTo(text);
  }
}
