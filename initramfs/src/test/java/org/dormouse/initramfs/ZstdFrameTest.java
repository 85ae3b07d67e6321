package org.dormouse.initramfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.airlift.compress.v3.zstd.ZstdNativeCompressor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ZstdFrameTest {
  private static final Path SOMEWHERE = Path.of("file");

  @Property(tries = 200)
  void tellsTheSizeOfWhatWasCompressed(
      @ForAll @IntRange(max = 200_000) int size,
      @ForAll @IntRange(min = 1, max = 12) int level,
      @ForAll long seed)
      throws IOException {
    byte[] content = new byte[size];
    new Random(seed).nextBytes(content);
    ZstdNativeCompressor compressor = new ZstdNativeCompressor(level);
    byte[] frame = new byte[compressor.maxCompressedLength(size)];
    int length = compressor.compress(content, 0, size, frame, 0, frame.length);

    int header = Math.min(length, ZstdFrame.MAX_HEADER);
    ZstdFrame parsed = ZstdFrame.parse(ByteBuffer.wrap(frame, 0, header), SOMEWHERE);
    assertThat(parsed.contentBytes()).isEqualTo(size);

    byte[] cut = Arrays.copyOf(frame, 5);
    assertThatThrownBy(() -> ZstdFrame.parse(ByteBuffer.wrap(cut), SOMEWHERE))
        .isInstanceOf(IOException.class);
  }

  @Test
  void readsTheWindowThatUnpackingNeeds() throws IOException {
    // Magic, descriptor (4 bytes of size, no single segment), window 2^(10+13), size.
    assertThat(parse("28b52ffd 80 68 00000004"))
        .isEqualTo(new ZstdFrame(64 << 20, ZstdFrame.KERNEL_WINDOW));
    // 8 bytes of size, a dictionary of 1 byte, window 2^10 * 9/8.
    assertThat(parse("28b52ffd c1 01 07 0000000001000000"))
        .isEqualTo(new ZstdFrame(1L << 32, 1152));
  }

  @Test
  void refusesWhatDoesNotTellItsSize() {
    assertThatThrownBy(() -> parse("28b52ffd 00 58 000000000000"))
        .hasMessageContaining("does not tell its unpacked size");
  }

  @Test
  void refusesOtherFiles() {
    assertThatThrownBy(() -> parse("1f8b0800000000000003"))
        .hasMessage("file: not compressed by zstd");
  }

  private static ZstdFrame parse(String hex) throws IOException {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    return ZstdFrame.parse(ByteBuffer.wrap(bytes), SOMEWHERE);
  }
}
