package org.dormouse.kexec;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.MemoryMap.Kind;
import org.dormouse.memory.MemoryMap.Region;

/** Memory maps as firmware might make them up: odd boundaries, holes, pieces of every kind. */
final class Machines {
  private static final long LOW_END = 1L << 20;

  private Machines() {}

  /** Machines with any amount of memory up to the limit in bytes, 64 MiB or more. */
  static Arbitrary<MemoryMap> upTo(long limit) {
    return Arbitraries.randomValue(random -> make(random, limit));
  }

  /** The memory map of QEMU's q35 with 3 GiB, as SeaBIOS makes it. */
  static MemoryMap q35() {
    return new MemoryMap(
        List.of(
            new Region(0, 0x1000, Kind.RESERVED),
            new Region(0x1000, 0x9fc00, Kind.RAM),
            new Region(0x9fc00, 0xa0000, Kind.RESERVED),
            new Region(0xf0000, 0x100000, Kind.RESERVED),
            new Region(0x100000, 0x7ffdf000, Kind.RAM),
            new Region(0x7ffdf000, 0x80000000L, Kind.RESERVED),
            new Region(0xb0000000L, 0xc0000000L, Kind.RESERVED),
            new Region(0x100000000L, 0x140000000L, Kind.RAM)));
  }

  private static MemoryMap make(Random random, long limit) {
    List<Region> regions = new ArrayList<>();
    lowMemory(random, regions);
    long top = LOW_END + 64 * LOW_END + (long) (random.nextDouble() * (limit - 65 * LOW_END));
    long at = LOW_END;
    while (at < top) {
      long size = Math.min(top - at, 1 + logUniform(random, top));
      Kind kind = random.nextInt(3) > 0 ? Kind.RAM : anyKind(random);
      if (random.nextInt(4) > 0) {
        regions.add(new Region(at, at + size, kind));
      }
      at += size;
    }
    return new MemoryMap(regions);
  }

  private static void lowMemory(Random random, List<Region> regions) {
    long at = 0x1000;
    regions.add(new Region(0, at, Kind.RESERVED));
    for (int i = random.nextInt(6); i >= 0 && at < 0xa0000; i--) {
      long end = i == 0 ? 0xa0000 - random.nextInt(0x1000) : at + 1 + random.nextInt(0x20000);
      if (end > at) {
        regions.add(
            new Region(at, Math.min(end, 0xa0000), i % 2 == 0 ? Kind.RAM : anyKind(random)));
      }
      at = end;
    }
  }

  private static Kind anyKind(Random random) {
    List<Kind> kinds = List.of(Kind.values());
    return kinds.get(random.nextInt(kinds.size()));
  }

  /** Small and large numbers alike; half of them multiples of 1 MiB. */
  private static long logUniform(Random random, long limit) {
    long value = (long) Math.exp(random.nextDouble() * Math.log((double) limit));
    return value > LOW_END && random.nextBoolean() ? value & -LOW_END : value;
  }
}
