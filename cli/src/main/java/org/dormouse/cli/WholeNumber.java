package org.dormouse.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code 4096}, {@code 0x1000}, {@code 4K}: a number that is not negative. */
public final class WholeNumber implements ITypeConverter<Long> {
  private static final Pattern NUMBER = Pattern.compile("0X([0-9A-F]{1,15})|(\\d{1,12})([KMG]?)");

  @Override
  public Long convert(String text) {
    Matcher number = NUMBER.matcher(text.toUpperCase(Locale.ROOT));
    if (!number.matches()) {
      throw new TypeConversionException("'" + text + "' is not a number like 4096, 0x1000 or 4K");
    }
    if (number.group(1) != null) {
      return Long.parseLong(number.group(1), 16);
    }
    int shift =
        switch (number.group(3)) {
          case "K" -> 10;
          case "M" -> 20;
          case "G" -> 30;
          default -> 0;
        };
    return Long.parseLong(number.group(2)) << shift;
  }
}
