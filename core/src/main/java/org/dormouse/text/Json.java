package org.dormouse.text;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * How figures are written for programs: JSON (RFC 8259), with fractions, which are seconds, to
 * three digits.
 */
public final class Json {
  private static final int DECIMALS = 3;
  private static final String INDENT = "  ";

  private final StringBuilder text = new StringBuilder();

  private Json() {}

  /**
   * An object in lines, the last one ended.
   *
   * @param figures maps whose keys are texts, lists, texts, numbers, truth values and enums, in the
   *     order in which they are to stand
   * @throws IllegalArgumentException if there is anything else among them
   */
  public static String of(Map<String, Object> figures) {
    Json json = new Json();
    json.value(figures, "\n");
    return json.text.append('\n').toString();
  }

  /**
   * Adds a value.
   *
   * @param line a line's end, and what the line begins with that ends the value
   */
  private void value(Object value, String line) {
    switch (value) {
      case Map<?, ?> map -> members(map, line);
      case List<?> list -> elements(list, line);
      case String string -> string(string);
      case Enum<?> constant -> string(constant.name());
      case Boolean truth -> text.append(truth);
      case Integer number -> text.append(number);
      case Long number -> text.append(number);
      case Double number ->
          text.append(BigDecimal.valueOf(number).setScale(DECIMALS, RoundingMode.HALF_UP));
      default -> throw new IllegalArgumentException(value.getClass() + " cannot be JSON");
    }
  }

  private void members(Map<?, ?> map, String line) {
    text.append('{');
    String separator = "";
    for (Map.Entry<?, ?> member : map.entrySet()) {
      text.append(separator).append(line).append(INDENT);
      string((String) member.getKey());
      text.append(": ");
      value(member.getValue(), line + INDENT);
      separator = ",";
    }
    text.append(map.isEmpty() ? "}" : line + "}");
  }

  private void elements(List<?> list, String line) {
    text.append('[');
    for (Iterator<?> elements = list.iterator(); elements.hasNext(); ) {
      text.append(line).append(INDENT);
      value(elements.next(), line + INDENT);
      text.append(elements.hasNext() ? "," : line);
    }
    text.append(']');
  }

  private void string(String string) {
    text.append('"');
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      switch (c) {
        case '"', '\\' -> text.append('\\').append(c);
        case '\n' -> text.append("\\n");
        default -> {
          // A terminal's character set may have no more than ASCII.
          if (c < ' ' || c > '~') {
            text.append(String.format("\\u%04x", (int) c));
          } else {
            text.append(c);
          }
        }
      }
    }
    text.append('"');
  }
}
