package org.dormouse.cli;

import java.util.Optional;
import org.dormouse.image.CodecChoice;
import picocli.CommandLine.Option;

/** What a saver compresses with. */
final class SaverCodecOption {
  @Option(
      names = "--codec",
      paramLabel = "CODEC",
      converter = CodecOption.class,
      description =
          "What the saver compresses the image with: none, lz4, zstd or zstd:LEVEL, as far as it has"
              + " memory for it (default: LZ4 while the store is slower than the processors, and for"
              + " a snapshot where memory is short; else nothing).")
  private Optional<CodecChoice> codec = Optional.empty();

  /** What was chosen; empty if the saver decides. */
  Optional<CodecChoice> chosen() {
    return codec;
  }
}
