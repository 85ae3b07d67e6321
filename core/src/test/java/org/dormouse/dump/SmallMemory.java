package org.dormouse.dump;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;

/**
 * A few thousand pages of RAM in some ranges: noise, text, zeros, and pages that nobody may ask
 * for.
 */
final class SmallMemory implements Frames {
  static final byte[] NOTES = notes("OSRELEASE=6.1.0\nPAGESIZE=4096\nNUMBER(phys_base)=-4096\n");

  final Arena arena = Arena.ofAuto();
  final List<PageRange> ram;
  final PageSet stored;
  final PageSet zero;
  private final long limit;
  private final MemorySegment bytes;

  /**
   * Makes up memory.
   *
   * @param ram its ranges
   * @param leftOut how many of a hundred pages are left out
   */
  SmallMemory(List<PageRange> ram, int leftOut, long seed) {
    this.ram = ram;
    this.limit = ram.getLast().end();
    this.bytes = arena.allocate(Pages.address(limit), Pages.SIZE);
    this.stored = PageSet.empty(arena, limit);
    this.zero = PageSet.empty(arena, limit);
    Random random = new Random(seed);
    for (PageRange range : ram) {
      long pfn = range.start();
      while (pfn < range.end()) {
        long end = Math.min(range.end(), pfn + 1 + random.nextInt(random.nextBoolean() ? 3 : 700));
        fill(new PageRange(pfn, end), random, leftOut);
        pfn = end;
      }
    }
  }

  private void fill(PageRange run, Random random, int leftOut) {
    MemorySegment memory = at(run);
    if (random.nextInt(100) < leftOut) {
      memory.fill((byte) 0xaa);
      return;
    }
    switch (random.nextInt(4)) {
      case 0 -> zero.add(run);
      // Zeros that nobody has noticed yet.
      case 1 -> stored.add(run);
      case 2 -> {
        stored.add(run);
        byte[] noise = new byte[(int) run.bytes()];
        random.nextBytes(noise);
        memory.copyFrom(MemorySegment.ofArray(noise));
      }
      default -> {
        stored.add(run);
        for (long pfn = run.start(); pfn < run.end(); pfn++) {
          String text = "page %d and so on. ".formatted(pfn).repeat(150);
          page(pfn).setString(0, text);
        }
      }
    }
  }

  private MemorySegment at(PageRange pages) {
    return bytes.asSlice(pages.startAddress(), pages.bytes());
  }

  /** One range after the other, with holes in between. */
  static List<PageRange> ranges(long... lengthsAndHoles) {
    List<PageRange> ranges = new ArrayList<>();
    long at = 0;
    for (int i = 0; i < lengthsAndHoles.length; i += 2) {
      at += lengthsAndHoles[i];
      ranges.add(new PageRange(at, at + lengthsAndHoles[i + 1]));
      at += lengthsAndHoles[i + 1];
    }
    return ranges;
  }

  CoreContents contents(CoreDescription description) {
    return new CoreContents(description, ram, this, new CoreFile.Presence(stored, zero));
  }

  /** What a page holds. */
  MemorySegment page(long pfn) {
    return at(new PageRange(pfn, pfn + 1));
  }

  boolean isPresent(long pfn) {
    return stored.contains(pfn) || zero.contains(pfn);
  }

  @Override
  public Lease lease(PageRange frames) throws IOException {
    if (frames.isEmpty() || stored.countIn(frames) != frames.count()) {
      throw new IOException("nobody may ask for all of " + frames);
    }
    return new Lease() {
      @Override
      public MemorySegment memory() {
        return at(frames);
      }

      @Override
      public void close() {}
    };
  }

  /** Two processors, then VMCOREINFO. */
  static byte[] notes(String vmcoreInfo) {
    ByteBuffer notes = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
    put(notes, "CORE", 1, "registers of 0");
    put(notes, "CORE", 1, "registers of 1!!");
    put(notes, "VMCOREINFO", 0, vmcoreInfo);
    byte[] bytes = new byte[notes.position()];
    notes.get(0, bytes);
    return bytes;
  }

  private static void put(ByteBuffer notes, String name, int type, String contents) {
    notes.putInt(name.length() + 1).putInt(contents.length()).putInt(type);
    putPadded(notes, name + "\0");
    putPadded(notes, contents);
  }

  private static void putPadded(ByteBuffer notes, String text) {
    int start = notes.position();
    notes.put(text.getBytes(StandardCharsets.US_ASCII));
    notes.position(start + (text.length() + 3) / 4 * 4);
  }
}
