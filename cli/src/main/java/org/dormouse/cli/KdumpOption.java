package org.dormouse.cli;

import org.dormouse.convert.ExportImage;
import org.dormouse.dump.KdumpWriter;
import picocli.CommandLine.Option;

/** How a kdump-compressed file is written. */
final class KdumpOption {
  @Option(
      names = "--compression",
      paramLabel = "HOW",
      defaultValue = "zlib",
      description =
          "Of a kdump-compressed file: none, zlib, which every tool knows, or zstd, several times"
              + " as fast (default: ${DEFAULT-VALUE}).")
  private KdumpWriter.Compression compression = KdumpWriter.Compression.ZLIB;

  /** The format, with what was chosen. */
  ExportImage.Format format() {
    return new ExportImage.Format.Kdump(compression);
  }
}
