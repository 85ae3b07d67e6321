package org.dormouse.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class NumbersTest {
  @ParameterizedTest
  @CsvSource({"0, 0", "4096, 4096", "0x1000, 4096", "4k, 4096", "2M, 2097152", "0XFF, 255"})
  void wholeNumbersAreDecimalUnlessTheySayOtherwise(String text, long value) {
    assertThat(new WholeNumber().convert(text)).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource({"10, 16", "4f00, 20224", "0xE820, 59424", "12h, 18", "ffffffff, 4294967295"})
  void whatIsSaidToABiosIsHexadecimal(String text, long value) {
    assertThat(new HexNumber().convert(text)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1.5", "4P", "0x", "ten"})
  void nothingElseIsANumber(String text) {
    assertThatThrownBy(() -> new WholeNumber().convert(text))
        .isInstanceOf(TypeConversionException.class);
  }

  @Test
  void moreThan32BitsFitIntoNoRegisterOfRealMode() {
    assertThatThrownBy(() -> new HexNumber().convert("100000000"))
        .isInstanceOf(TypeConversionException.class);
    assertThatThrownBy(() -> new HexNumber().convert("1g"))
        .isInstanceOf(TypeConversionException.class);
  }
}
