package org.dormouse.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.dormouse.store.StoreMap.Content;
import org.junit.jupiter.api.Test;

class StoreMapTest {
  private static final long MIB = 1 << 20;
  private static final StoreMap MAP =
      new StoreMap(
          "/var/lib/a store",
          64 * MIB,
          Content.ANY,
          List.of(new Extent(8 * MIB, 2 * MIB), new Extent(4 * MIB, 4096)));

  /** Pieces that do not touch, in any order, the first one long enough. */
  static StoreMap map(int pieces, long seed) {
    Random random = new Random(seed);
    List<Extent> extents = new ArrayList<>();
    long end = 0;
    for (int i = 0; i < pieces; i++) {
      long start = end + 4096L * (1 + random.nextInt(100));
      long length = (i == 0 ? MIB : 0) + 4096L * (1 + random.nextInt(100));
      extents.add(new Extent(start, length));
      end = start + length;
    }
    Extent first = extents.removeFirst();
    Collections.shuffle(extents, random);
    extents.addFirst(first);
    Content content = random.nextBoolean() ? Content.ANY : Content.SEALED;
    return new StoreMap("/store " + seed, end + 4096L * random.nextInt(3), content, extents);
  }

  private static StoreMap parse(String text) {
    return StoreMap.parse(
        MemorySegment.ofArray((text + "\0anything").getBytes(StandardCharsets.UTF_8)));
  }

  @Property
  void whatIsWrittenIsRead(@ForAll @IntRange(min = 1, max = 60) int pieces, @ForAll long seed) {
    StoreMap map = map(pieces, seed);
    assertThat(parse(map.text())).isEqualTo(map);
  }

  @Test
  void theLargestMapFits() {
    List<Extent> extents = new ArrayList<>();
    long end = 1L << 62;
    for (int i = 0; i < StoreMap.MOST_EXTENTS; i++) {
      extents.add(new Extent(end, 2 * MIB));
      end += 4 * MIB;
    }
    StoreMap map = new StoreMap("ö".repeat(512), Long.MAX_VALUE, Content.SEALED, extents);
    String text = map.text();
    assertThat(text.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(StoreMap.TEXT_BYTES);
    assertThat(parse(text)).isEqualTo(map);
  }

  /** Its places are where images go: what is not what was written must not be believed. */
  @Test
  void noChangedByteIsBelieved() {
    byte[] text = MAP.text().getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at < text.length; at++) {
      byte[] changed = text.clone();
      changed[at] ^= 1;
      assertThatIllegalArgumentException()
          .as("byte %d", at)
          .isThrownBy(() -> StoreMap.parse(MemorySegment.ofArray(changed)));
    }
  }

  @Test
  void whatIsNoMapIsRefused() {
    for (String text : List.of("", "DORMSTORE 2\n", "DORMSTORE 1\n", "DORMSTORE 1\ncheck=0\n")) {
      assertThatIllegalArgumentException().isThrownBy(() -> parse(text));
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment zeros = arena.allocate(StoreMap.TEXT_BYTES);
      assertThatIllegalArgumentException().isThrownBy(() -> StoreMap.parse(zeros));
      MemorySegment endless = zeros.fill((byte) 'x');
      MemorySegment.copy(
          "DORMSTORE 1\n".getBytes(StandardCharsets.UTF_8),
          0,
          endless,
          ValueLayout.JAVA_BYTE,
          0,
          12);
      assertThatIllegalArgumentException().isThrownBy(() -> StoreMap.parse(endless));
    }
  }

  @Test
  void placesThatMakeNoSenseAreRefused() {
    Extent first = new Extent(8 * MIB, 2 * MIB);
    refused(64 * MIB, List.of());
    refused(64 * MIB, List.of(new Extent(8 * MIB, MIB)));
    refused(10 * MIB - 4096, List.of(first));
    refused(64 * MIB, List.of(first, first));
    refused(64 * MIB, List.of(first, new Extent(10 * MIB - 4096, 8192)));
    refused(64 * MIB, List.of(first, new Extent(7 * MIB, MIB + 4096)));
    refused(64 * MIB, Collections.nCopies(StoreMap.MOST_EXTENTS + 1, first));
    refused(-1, List.of(first));
    for (long[] numbers :
        new long[][] {
          {-4096, 4096}, {0, 0}, {4096, -4096}, {512, 4096}, {0, 512}, {Long.MAX_VALUE - 4095, 4096}
        }) {
      assertThatIllegalArgumentException().isThrownBy(() -> new Extent(numbers[0], numbers[1]));
    }
  }

  private static void refused(long deviceBytes, List<Extent> extents) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new StoreMap("/store", deviceBytes, Content.ANY, extents));
  }

  @Test
  void aLocationIsADeviceWithOrWithoutAnOffset() {
    for (String text :
        List.of("/dev/sda2", "PARTUUID=ab-01@1048576", "/dev/disk/by-id/a@b", "/dev/x@", "a@-1")) {
      assertThat(StoreLocation.parse(text).text()).isEqualTo(text);
    }
    assertThat(StoreLocation.parse("PARTUUID=ab-01@1048576"))
        .isEqualTo(StoreLocation.at("PARTUUID=ab-01", 1048576));
    assertThat(StoreLocation.parse("/dev/disk/by-id/a@b").offset()).isEmpty();
  }
}
