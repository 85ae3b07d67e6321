package org.dormouse.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code 10}, {@code 4f00}, {@code 0xe820}: hexadecimal, as all is written of a BIOS. */
public final class HexNumber implements ITypeConverter<Long> {
  private static final Pattern NUMBER = Pattern.compile("(?:0X)?([0-9A-F]{1,8})H?");

  @Override
  public Long convert(String text) {
    Matcher number = NUMBER.matcher(text.toUpperCase(Locale.ROOT));
    if (!number.matches()) {
      throw new TypeConversionException(
          "'" + text + "' is not a hexadecimal number of at most 8 digits");
    }
    return Long.parseLong(number.group(1), 16);
  }
}
