package org.dormouse.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.store.Store;
import org.dormouse.store.StoreException;

/** Memory of a small machine: extents with holes between them, pages of every kind. */
final class TestMachine implements AutoCloseable {
  /** What is in a page. */
  enum Fill {
    ZERO,
    TEXT,
    RANDOM,
    /** Zero but for one byte, the last one. */
    ALMOST_ZERO
  }

  static final WayBack WAY_BACK =
      new WayBack(new PageRange(0x4000, 0xe000), new PageRange(1, 0x9f), 0x1234_5000, 5);

  private final Arena arena = Arena.ofShared();
  private final List<PageRange> extents;
  private final List<MemorySegment> memory = new ArrayList<>();

  /** Fills {@code extents}, disjoint, with runs of pages of the same kind. */
  TestMachine(List<PageRange> extents, long seed, Fill... kinds) {
    this.extents = List.copyOf(extents);
    Random random = new Random(seed);
    for (PageRange extent : extents) {
      MemorySegment segment = arena.allocate(Math.max(1, extent.bytes()), Pages.SIZE);
      memory.add(segment.asSlice(0, extent.bytes()));
      for (long page = 0; page < extent.count(); ) {
        Fill kind = kinds[random.nextInt(kinds.length)];
        long end = Math.min(extent.count(), page + 1 + random.nextInt(400));
        for (; page < end; page++) {
          fill(segment.asSlice(Pages.address(page), Pages.SIZE), kind, random);
        }
      }
    }
  }

  private static void fill(MemorySegment page, Fill kind, Random random) {
    switch (kind) {
      case ZERO -> {}
      case ALMOST_ZERO -> page.set(ValueLayout.JAVA_BYTE, Pages.SIZE - 1, (byte) 1);
      case RANDOM -> {
        byte[] bytes = new byte[Pages.SIZE];
        random.nextBytes(bytes);
        page.copyFrom(MemorySegment.ofArray(bytes));
      }
      case TEXT -> {
        String text = ("the dormouse said " + random.nextInt(1000) + "; ").repeat(250);
        byte[] bytes = text.substring(0, Pages.SIZE).getBytes(StandardCharsets.US_ASCII);
        page.copyFrom(MemorySegment.ofArray(bytes));
      }
    }
  }

  List<PageRange> extents() {
    return extents;
  }

  MemorySegment memory(int extent) {
    return memory.get(extent);
  }

  long ramPages() {
    return extents.stream().mapToLong(PageRange::count).sum();
  }

  long limit() {
    return extents.stream().mapToLong(PageRange::end).max().orElse(0);
  }

  /** The contents of page {@code pfn}. */
  MemorySegment page(long pfn) {
    for (int i = 0; i < extents.size(); i++) {
      if (extents.get(i).contains(pfn)) {
        return memory.get(i).asSlice(Pages.address(pfn - extents.get(i).start()), Pages.SIZE);
      }
    }
    throw new AssertionError("no page " + pfn);
  }

  boolean isZero(long pfn) {
    for (byte b : page(pfn).toArray(ValueLayout.JAVA_BYTE)) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  ImageOrigin origin() {
    return new ImageOrigin(
        UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"),
        Instant.ofEpochMilli(1_700_000_000_123L),
        "6.12.117",
        "0123456789abcdef0123456789abcdef01234567",
        42,
        ramPages(),
        "/dev/disk/by-partlabel/Schlafmaus ü");
  }

  /** Writes all memory, {@code window} pages a call, and completes the image. */
  ImageHeader hibernate(Store store, PipelineSize size, long window)
      throws StoreException, InterruptedException {
    try (ImageWriter writer =
        ImageWriter.begin(store, origin(), WAY_BACK, size, new ImageProgress())) {
      saveAll(writer, window);
      return writer.finish();
    }
  }

  void saveAll(ImageWriter writer, long window) throws StoreException, InterruptedException {
    for (int i = 0; i < extents.size(); i++) {
      PageRange extent = extents.get(i);
      for (long start = extent.start(), end; start < extent.end(); start = end) {
        end = Math.min(extent.end(), Pages.alignDown(start, window) + window);
        writer.save(
            new PageRange(start, end),
            memory
                .get(i)
                .asSlice(Pages.address(start - extent.start()), Pages.address(end - start)));
      }
    }
  }

  /** An image of a mixed machine of about 3 MiB, complete. */
  static MemoryStore completeImage() throws StoreException, InterruptedException {
    MemoryStore store = new MemoryStore(8 << 20);
    try (TestMachine machine = mixed()) {
      machine.hibernate(store, PipelineSize.of(2), 16384);
    }
    return store;
  }

  static TestMachine mixed() {
    return new TestMachine(
        List.of(new PageRange(3, 160), new PageRange(200, 700), new PageRange(0x100000, 0x100080)),
        7,
        Fill.values());
  }

  @Override
  public void close() {
    arena.close();
  }
}
