package org.dormouse.cli;

import org.dormouse.vmcore.Exclusions;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code none}, or kinds of pages with commas between them. */
final class ExclusionsOption implements ITypeConverter<Exclusions> {
  @Override
  public Exclusions convert(String text) {
    try {
      return Exclusions.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
