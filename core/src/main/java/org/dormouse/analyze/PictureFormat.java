package org.dormouse.analyze;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** How a picture of memory is written. */
public enum PictureFormat {
  /** Letters stay letters, and everything stays sharp. */
  SVG {
    @Override
    public byte[] write(MemoryPicture picture, String title, String subtitle) {
      return SvgSheet.of(MemorySheet.of(picture, title, subtitle)).getBytes(StandardCharsets.UTF_8);
    }
  },
  /** Points, for whatever shows pictures. */
  PNG {
    @Override
    public byte[] write(MemoryPicture picture, String title, String subtitle) {
      return PngSheet.of(MemorySheet.of(picture, title, subtitle));
    }
  };

  /** The format that the end of a file's name says. */
  public static Optional<PictureFormat> of(String fileName) {
    String name = fileName.toLowerCase(Locale.ROOT);
    for (PictureFormat format : values()) {
      if (name.endsWith("." + format.name().toLowerCase(Locale.ROOT))) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }

  /**
   * The file.
   *
   * @param title what it is a picture of
   * @param subtitle more of that
   */
  public abstract byte[] write(MemoryPicture picture, String title, String subtitle);
}
