package org.dormouse.image;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dormouse.codec.Codec;

/** What a person wants an image to be compressed with: all of its chunks, or none. */
public sealed interface CodecChoice {
  /** The level of {@code zstd} without one. */
  int USUAL_LEVEL = 1;

  /** Not at all. */
  record None() implements CodecChoice {
    @Override
    public PipelineSize of(PipelineSize size) {
      return size.withCompression(PipelineSize.Compression.NEVER);
    }

    @Override
    public String text() {
      return "none";
    }
  }

  /** LZ4, with more speed than it has by itself: a seventh faster, a tenth larger. */
  record Lz4() implements CodecChoice {
    /** Still smaller than what LZO makes of single pages. See {@code dormouse bench codecs}. */
    private static final int ACCELERATION = 4;

    @Override
    public PipelineSize of(PipelineSize size) {
      return size.withCompression(PipelineSize.Compression.ALWAYS)
          .withCodec(new Codec.OfLz4(ACCELERATION));
    }

    @Override
    public String text() {
      return "lz4";
    }
  }

  /**
   * Zstandard.
   *
   * @param codec with its level
   */
  record Zstd(Codec.OfZstd codec) implements CodecChoice {
    @Override
    public PipelineSize of(PipelineSize size) {
      return size.withCompression(PipelineSize.Compression.ALWAYS).withCodec(codec);
    }

    @Override
    public String text() {
      return "zstd:" + codec.level();
    }
  }

  /** These sizes with this codec. */
  PipelineSize of(PipelineSize size);

  /** What {@link #parse} reads. */
  String text();

  /**
   * Reads {@code none}, {@code lz4}, {@code zstd} or {@code zstd:LEVEL}.
   *
   * @throws IllegalArgumentException if it is none of these, or there is no such level
   */
  static CodecChoice parse(String text) {
    Matcher zstd = Pattern.compile("zstd(?::(\\d{1,2}))?").matcher(text);
    if (zstd.matches()) {
      int level = zstd.group(1) == null ? USUAL_LEVEL : Integer.parseInt(zstd.group(1));
      return new Zstd(new Codec.OfZstd(level));
    }
    return switch (text) {
      case "none" -> new None();
      case "lz4" -> new Lz4();
      default ->
          throw new IllegalArgumentException("'" + text + "' is not none, lz4, zstd or zstd:LEVEL");
    };
  }
}
