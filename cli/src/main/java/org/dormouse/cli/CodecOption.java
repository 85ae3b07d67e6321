package org.dormouse.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dormouse.codec.Codec;
import org.dormouse.image.PipelineSize;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * How an image is compressed: {@code none}, {@code lz4}, {@code zstd} or {@code zstd:LEVEL}.
 *
 * @param compression which chunks
 * @param codec by what
 */
record CodecOption(PipelineSize.Compression compression, Codec codec) {
  private static final Codec USUAL_LZ4 = new Codec.OfLz4(1);
  private static final int USUAL_LEVEL = 1;

  /** These sizes with this codec. */
  PipelineSize of(PipelineSize size) {
    return size.withCompression(compression).withCodec(codec);
  }

  /** Reads it. */
  static final class Converter implements ITypeConverter<CodecOption> {
    private static final Pattern ZSTD = Pattern.compile("zstd(?::(\\d{1,2}))?");

    @Override
    public CodecOption convert(String text) {
      String name = text.toLowerCase(Locale.ROOT);
      Matcher zstd = ZSTD.matcher(name);
      try {
        if (zstd.matches()) {
          int level = zstd.group(1) == null ? USUAL_LEVEL : Integer.parseInt(zstd.group(1));
          return new CodecOption(PipelineSize.Compression.ALWAYS, new Codec.OfZstd(level));
        }
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
      return switch (name) {
        case "lz4" -> new CodecOption(PipelineSize.Compression.ALWAYS, USUAL_LZ4);
        case "none" -> new CodecOption(PipelineSize.Compression.NEVER, USUAL_LZ4);
        default ->
            throw new TypeConversionException(
                "'" + text + "' is not none, lz4, zstd or zstd:LEVEL");
      };
    }
  }
}
