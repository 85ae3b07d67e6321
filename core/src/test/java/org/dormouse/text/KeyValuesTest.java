package org.dormouse.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyValuesTest {
  /** What an image says may be told on a console, which obeys escape sequences. */
  @Test
  void aLineWithAControlCharacterIsNoLine() {
    KeyValues lines = KeyValues.parse("store=disk\nstore=\u001b[2J\nst\tore=disk\nother=\u0085\n");
    assertThat(lines.toString()).isEqualTo("store=disk\n");
  }

  @Test
  void whatIsWrittenIsRead() {
    KeyValues written =
        KeyValues.empty()
            .with("store", "/dev/disk/by-id/a b=c")
            .with("pages", 42)
            .withAddress("entry", -1)
            .with("disk", "first")
            .with("disk", "second");
    KeyValues read = KeyValues.parse(written.toString());
    assertThat(read.text("store")).isEqualTo("/dev/disk/by-id/a b=c");
    assertThat(read.number("pages")).isEqualTo(42);
    assertThat(read.number("entry")).isEqualTo(-1);
    assertThat(read.all("disk")).containsExactly("first", "second");
    assertThat(read.text("disk")).isEqualTo("second");
    assertThat(read.find("absent")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"'a b',x", "A,x", "'',x", "a,'x\ny'", "a,'x\0'"})
  void whatIsNoLineIsRefused(String key, String value) {
    assertThatThrownBy(() -> KeyValues.empty().with(key, value))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aNumberThatIsNoneIsNamed() {
    KeyValues lines = KeyValues.parse("pages=many\n");
    assertThatThrownBy(() -> lines.number("pages")).hasMessageContaining("pages=many");
    assertThatThrownBy(() -> lines.number("entry")).hasMessageContaining("entry");
  }
}
