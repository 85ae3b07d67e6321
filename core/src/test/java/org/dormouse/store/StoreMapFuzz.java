package org.dormouse.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.dormouse.codec.Xxh64;
import org.dormouse.fuzz.Bounds;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Maps of stores, by somebody who can make checksums right: what is read makes sense. */
class StoreMapFuzz {
  private static final String CHECK = "check=";

  static Stream<Arguments> maps() {
    return Stream.of(1, 2, 30)
        .map(pieces -> StoreMapTest.map(pieces, pieces).text())
        .flatMap(text -> Stream.of(text, text.substring(0, text.indexOf("\n" + CHECK) + 1), ""))
        .map(text -> Arguments.of((Object) text.getBytes(UTF_8)));
  }

  @MethodSource("maps")
  @FuzzTest
  void aMapIsReadOrRefused(byte[] input) throws Exception {
    Bounds.hold(() -> read(MemorySegment.ofArray(input)));
    String vouched = new String(input, UTF_8) + CHECK + checksum(input) + "\n";
    Bounds.hold(() -> read(MemorySegment.ofArray(vouched.getBytes(UTF_8))));
  }

  private static void read(MemorySegment room) {
    StoreMap map;
    try {
      map = StoreMap.parse(room);
    } catch (IllegalArgumentException e) {
      Bounds.checkLine(e.getMessage());
      return;
    }
    long sum = map.extents().stream().mapToLong(Extent::length).sum();
    if (map.storeBytes() <= 0 || sum > map.deviceBytes() || map.firstPieceBytes() <= 0) {
      throw new AssertionError("a map that makes no sense: " + map);
    }
  }

  private static String checksum(byte[] text) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(Math.max(1, text.length));
      MemorySegment.copy(text, 0, copy, ValueLayout.JAVA_BYTE, 0, text.length);
      return HexFormat.of().toHexDigits(Xxh64.of(copy.asSlice(0, text.length)));
    }
  }
}
