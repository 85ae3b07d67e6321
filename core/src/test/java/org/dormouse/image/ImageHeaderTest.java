package org.dormouse.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.airlift.compress.v3.xxhash.XxHash3Native;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.StringLength;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.PageRange;
import org.junit.jupiter.api.Test;

class ImageHeaderTest {
  @Property(tries = 200)
  void everyHeaderComesBack(
      @ForAll ImageState state,
      @ForAll long uuid,
      @ForAll @LongRange(min = 0, max = 1L << 45) long created,
      @ForAll @AlphaChars @StringLength(max = 64) String release,
      @ForAll @AlphaChars @StringLength(max = 160) String name,
      @ForAll @LongRange(min = 0, max = 1L << 40) long pfn,
      @ForAll @IntRange(min = 0, max = 100000) int chunks)
      throws ImageFormatException {
    ImageHeader header =
        new ImageHeader(
            state,
            new ImageOrigin(
                new UUID(uuid, ~uuid),
                Instant.ofEpochMilli(created),
                release,
                "00ff".repeat(10),
                -uuid,
                pfn,
                name),
            new WayBack(new PageRange(pfn, pfn + 40960), new PageRange(1, 159), pfn << 12, 4),
            new ImageBody(chunks * 3L, chunks, 64, 4160, chunks * 64L, uuid * 31));
    assertThat(decoded(header)).isEqualTo(header);
  }

  @Test
  void theFieldsLieWhereTheDocumentSays() {
    try (Arena arena = Arena.ofConfined();
        TestMachine machine = TestMachine.mixed()) {
      MemorySegment sector = arena.allocate(512);
      new ImageHeader(
              ImageState.COMPLETE,
              machine.origin(),
              TestMachine.WAY_BACK,
              new ImageBody(300, 2, 8192, 12288, 128, 0x0102030405060708L))
          .encode(sector);
      byte[] bytes = sector.toArray(ValueLayout.JAVA_BYTE);
      assertThat(new String(bytes, 0, 8, StandardCharsets.US_ASCII)).isEqualTo("DORMOUSE");
      assertThat(Arrays.copyOfRange(bytes, 8, 16)).containsExactly(1, 0, 0, 0, 2, 0, 0, 0);
      assertThat(Arrays.copyOfRange(bytes, 16, 20)).containsExactly(0x00, 0x11, 0x22, 0x33);
      assertThat(bytes[40]).isEqualTo((byte) '6');
      assertThat(Arrays.copyOfRange(bytes, 104, 107)).containsExactly(0x01, 0x23, 0x45);
      assertThat(bytes[124]).isEqualTo((byte) 5);
      assertThat(bytes[128]).isEqualTo((byte) 42);
      assertThat(Arrays.copyOfRange(bytes, 136, 139)).containsExactly(0x00, 0x40, 0x00);
      assertThat(bytes[152]).isEqualTo((byte) 1);
      assertThat(Arrays.copyOfRange(bytes, 168, 172)).containsExactly(0x00, 0x50, 0x34, 0x12);
      assertThat(Arrays.copyOfRange(bytes, 184, 186)).containsExactly(44, 1);
      assertThat(Arrays.copyOfRange(bytes, 192, 193)).containsExactly(2);
      assertThat(Arrays.copyOfRange(bytes, 200, 202)).containsExactly(0, 32);
      assertThat(Arrays.copyOfRange(bytes, 208, 210)).containsExactly(0, 48);
      assertThat(bytes[216]).isEqualTo((byte) 128);
      assertThat(Arrays.copyOfRange(bytes, 224, 232)).containsExactly(8, 7, 6, 5, 4, 3, 2, 1);
      assertThat(bytes[232]).isEqualTo((byte) '/');
    }
  }

  @Test
  void theChecksumIsXxh3() {
    // XXH3-64 of nothing, from the reference implementation's own self-test.
    assertThat(Codec.checksum(MemorySegment.NULL)).isEqualTo(0x2D06800538D394C2L);
    assertThat(Codec.checksum(List.of())).isEqualTo(0x2D06800538D394C2L);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocateFrom("dormouse ".repeat(500));
      long expected = XxHash3Native.hash(text);
      assertThat(Codec.checksum(text)).isEqualTo(expected);
      assertThat(Codec.checksum(List.of(text.asSlice(0, 1000), text.asSlice(1000))))
          .isEqualTo(expected);
    }
  }

  @Test
  void namesThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> named("ü".repeat(81))).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> named("a\0b")).isInstanceOf(IllegalArgumentException.class);
    assertThat(named("ü".repeat(80)).storeName()).hasSize(80);
  }

  @Test
  void theFingerprintTellsMemoryMapsApart() {
    MemoryMap small = map(0x40000000L);
    assertThat(ImageOrigin.fingerprint(small)).isEqualTo(ImageOrigin.fingerprint(map(0x40000000L)));
    assertThat(ImageOrigin.fingerprint(small))
        .isNotEqualTo(ImageOrigin.fingerprint(map(0x40001000L)));
  }

  private static MemoryMap map(long end) {
    return new MemoryMap(List.of(new MemoryMap.Region(0x1000, end, MemoryMap.Kind.RAM)));
  }

  private static ImageOrigin named(String name) {
    return new ImageOrigin(new UUID(1, 1), Instant.EPOCH, "6.12", "", 0, 0, name);
  }

  private static ImageHeader decoded(ImageHeader header) throws ImageFormatException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment sector = arena.allocate(512);
      header.encode(sector);
      return ImageHeader.decode(sector);
    }
  }
}
