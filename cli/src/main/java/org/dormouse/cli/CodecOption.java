package org.dormouse.cli;

import java.util.Locale;
import org.dormouse.image.CodecChoice;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code none}, {@code lz4}, {@code zstd} or {@code zstd:LEVEL}. */
public final class CodecOption implements ITypeConverter<CodecChoice> {
  @Override
  public CodecChoice convert(String text) {
    try {
      return CodecChoice.parse(text.toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
