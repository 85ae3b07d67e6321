package org.dormouse.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code 512M}, {@code 3G}: binary units, as a number of bytes. */
public final class ByteSize implements ITypeConverter<Long> {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,6})([MGT])(I?B)?");

  @Override
  public Long convert(String text) {
    Matcher size = SIZE.matcher(text.toUpperCase(Locale.ROOT));
    if (!size.matches() || size.group(1).matches("0+")) {
      throw new TypeConversionException("'" + text + "' is not a size like 512M or 3G");
    }
    int shift =
        switch (size.group(2)) {
          case "M" -> 20;
          case "G" -> 30;
          default -> 40;
        };
    return Long.parseLong(size.group(1)) << shift;
  }
}
