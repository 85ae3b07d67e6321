package org.dormouse.lab;

import java.util.Locale;
import org.dormouse.lab.bench.Contender;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code swsusp-lzo}. */
final class ContenderName implements ITypeConverter<Contender> {
  @Override
  public Contender convert(String text) {
    try {
      return Contender.valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException("'" + text + "' is not dormouse, swsusp-lzo or swsusp-lz4");
    }
  }
}
