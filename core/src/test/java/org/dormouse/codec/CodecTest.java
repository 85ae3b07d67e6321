package org.dormouse.codec;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.airlift.compress.v3.xxhash.XxHash64Hasher;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class CodecTest {
  @Property(tries = 100)
  void whatIsCompressedComesBack(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 300_000) int length,
      @ForAll @IntRange(min = 1, max = 256) int letters,
      @ForAll @IntRange(min = 1, max = 20) int acceleration) {
    try (Arena arena = Arena.ofConfined()) {
      Random random = new Random(seed);
      MemorySegment source = arena.allocate(length);
      for (int i = 0; i < length; i++) {
        source.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt(letters));
      }
      Compressor compressor = new Codec.OfLz4(acceleration).compressor(arena);
      MemorySegment packed = arena.allocate(Lz4.bound(length));
      MemorySegment unpacked = arena.allocate(length);
      for (int again = 0; again < 2; again++) {
        int packedLength = compressor.compress(source, packed);
        assertThat(Lz4.decompress(packed.asSlice(0, packedLength), unpacked.fill((byte) 1)))
            .isEqualTo(length);
        assertThat(unpacked.mismatch(source)).isEqualTo(-1);
      }
    }
  }

  @Property(tries = 100)
  void whatZstdCompressesComesBack(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 300_000) int length,
      @ForAll @IntRange(min = 1, max = 256) int letters,
      @ForAll @IntRange(min = 1, max = 7) int level) {
    try (Arena arena = Arena.ofConfined()) {
      Random random = new Random(seed);
      MemorySegment source = arena.allocate(length);
      for (int i = 0; i < length; i++) {
        source.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt(letters));
      }
      Compressor compressor = new Codec.OfZstd(level).compressor(arena);
      Zstd.Decompressor decompressor = new Zstd.Decompressor(arena);
      MemorySegment packed = arena.allocate(Zstd.bound(length));
      MemorySegment unpacked = arena.allocate(length);
      for (int again = 0; again < 2; again++) {
        MemorySegment frame = packed.asSlice(0, compressor.compress(source, packed));
        assertThat(decompressor.decompress(frame, unpacked.fill((byte) 1))).isEqualTo(length);
        assertThat(unpacked.mismatch(source)).isEqualTo(-1);
        frame.set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
        assertThat(decompressor.decompress(frame, unpacked)).isNegative();
      }
    }
  }

  @Property(tries = 200)
  void nonsenseOfZstdDoesNotLeaveItsTarget(
      @ForAll @Size(min = 1, max = 200) byte[] nonsense, @ForAll @IntRange(max = 99) int at) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment source = arena.allocate(4096).fill((byte) at);
      MemorySegment packed = arena.allocate(Zstd.bound(4096));
      int length = new Codec.OfZstd(1).compressor(arena).compress(source, packed);
      MemorySegment.copy(
          nonsense, 0, packed, ValueLayout.JAVA_BYTE, at % length, Math.min(nonsense.length, 100));
      MemorySegment memory = arena.allocate(300).fill((byte) 0x77);
      assertThat(new Zstd.Decompressor(arena).decompress(packed, memory.asSlice(100, 100)))
          .isLessThanOrEqualTo(100);
      MemorySegment around = arena.allocate(100).fill((byte) 0x77);
      assertThat(memory.asSlice(0, 100).mismatch(around)).isEqualTo(-1);
      assertThat(memory.asSlice(200).mismatch(around)).isEqualTo(-1);
    }
  }

  @Test
  void levelsThatThereAreNotAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Codec.OfZstd(0));
    assertThatIllegalArgumentException().isThrownBy(() -> new Codec.OfZstd(20));
    assertThatIllegalArgumentException().isThrownBy(() -> new Codec.OfLz4(0));
  }

  @Property(tries = 200)
  void nonsenseDoesNotLeaveItsTarget(@ForAll @Size(min = 1, max = 200) byte[] nonsense) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(300).fill((byte) 0x77);
      int length =
          Lz4.decompress(
              arena.allocateFrom(ValueLayout.JAVA_BYTE, nonsense), memory.asSlice(100, 100));
      assertThat(length).isLessThanOrEqualTo(100);
      MemorySegment around = arena.allocate(100).fill((byte) 0x77);
      assertThat(memory.asSlice(0, 100).mismatch(around)).isEqualTo(-1);
      assertThat(memory.asSlice(200).mismatch(around)).isEqualTo(-1);
    }
  }

  @Property(tries = 100)
  void theChecksumIsXxh64(@ForAll @Size(max = 500) byte[] bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      assertThat(Xxh64.of(memory)).isEqualTo(XxHash64Hasher.hash(memory));
    }
  }

  @Test
  void theChecksumOfNothingIsThatOfTheReference() {
    assertThat(Xxh64.of(MemorySegment.NULL)).isEqualTo(0xEF46DB3751D8E999L);
  }

  @Property(tries = 100)
  void comparesWhatIsThere(
      @ForAll @IntRange(min = 1, max = 9000) int length, @ForAll @IntRange(max = 8999) int at) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment zeros = arena.allocate(9000);
      MemorySegment bytes = arena.allocate(length);
      assertThat(Comparison.startsWith(zeros, bytes)).isTrue();
      bytes.set(ValueLayout.JAVA_BYTE, at % length, (byte) 0x80);
      assertThat(Comparison.startsWith(zeros, bytes)).isFalse();
    }
  }

  @Test
  void comparesNothingBehindTheEnd() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment longer = arena.allocate(10);
      MemorySegment bytes = arena.allocate(11);
      org.assertj.core.api.Assertions.assertThatThrownBy(() -> Comparison.startsWith(longer, bytes))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void memoryThatIsGoneIsAnExceptionAndNoCrash() {
    MemorySegment gone;
    Compressor compressor;
    try (Arena arena = Arena.ofShared()) {
      gone = arena.allocate(4096);
      compressor = new Codec.OfLz4(1).compressor(arena);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment there = arena.allocate(8192);
      assertThatIllegalStateException().isThrownBy(() -> Xxh64.of(gone));
      assertThatIllegalStateException().isThrownBy(() -> Comparison.startsWith(there, gone));
      assertThatIllegalStateException().isThrownBy(() -> Lz4.decompress(gone, there));
      assertThatIllegalStateException().isThrownBy(() -> Lz4.decompress(there, gone));
      assertThatIllegalStateException().isThrownBy(() -> compressor.compress(there, there));
    }
  }

  @Test
  void memoryOfTheHeapIsRefused() {
    MemorySegment heap = MemorySegment.ofArray(new byte[100]);
    assertThatIllegalArgumentException().isThrownBy(() -> Xxh64.of(heap));
  }

  /** What GNU coreutils' {@code cksum} prints. */
  @Test
  void theChecksumOfPosixIsThatOfItsProgram() {
    assertThat(PosixCksum.of(new byte[0])).isEqualTo(4294967295L);
    assertThat(PosixCksum.of("123456789".getBytes(US_ASCII))).isEqualTo(930766865L);
    assertThat(PosixCksum.of("a".getBytes(US_ASCII))).isEqualTo(1220704766L);
  }

  @Property(tries = 20)
  void theProgramAgrees(@ForAll @Size(max = 70_000) byte[] bytes)
      throws IOException, InterruptedException {
    assumeThat(Path.of("/usr/bin/cksum")).exists();
    Path file = Files.createTempFile(Path.of("target"), "cksum", null);
    try {
      Files.write(file, bytes);
      Process program = new ProcessBuilder("/usr/bin/cksum").redirectInput(file.toFile()).start();
      String printed = new String(program.getInputStream().readAllBytes(), US_ASCII);
      assertThat(program.waitFor()).isZero();
      assertThat(printed.strip()).isEqualTo(PosixCksum.of(bytes) + " " + bytes.length);
    } finally {
      Files.delete(file);
    }
  }
}
