package org.dormouse.image;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.dormouse.codec.Aead;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.seal.ImageKey;
import org.dormouse.seal.MachineKey;
import org.dormouse.store.Store;

/** Memory of a small machine: extents with holes between them, pages of every kind. */
final class TestMachine implements Frames, AutoCloseable {
  /** What is in a page. */
  enum Fill {
    ZERO,
    TEXT,
    RANDOM,
    /** One of four letters each: nothing repeats, and it takes a quarter of the room. */
    LETTERS,
    /** Zero but for one byte, the last one. */
    ALMOST_ZERO,
    /** Anything, and not to be looked at. */
    FREE
  }

  static final UUID IMAGE = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
  static final long JUMP_BACK_ENTRY = 0x1234_5000;
  static final String DETAILS = "map=0x1000 0x9f000 RAM\nfile_system=ext4 Ümläut\n";

  private final Arena arena = Arena.ofShared();
  private final List<PageRange> extents;
  private final List<MemorySegment> memory = new ArrayList<>();
  private final PageSet ram;
  private final PageSet inUse;
  private final AtomicInteger leases = new AtomicInteger();

  /** Fills {@code extents}, disjoint, with runs of pages of the same kind. */
  TestMachine(List<PageRange> extents, long seed, Fill... kinds) {
    this(extents);
    Random random = new Random(seed);
    for (PageRange extent : extents) {
      for (long pfn = extent.start(); pfn < extent.end(); ) {
        Fill kind = kinds[random.nextInt(kinds.length)];
        long end =
            Math.min(extent.end(), pfn + 1 + random.nextInt(random.nextBoolean() ? 20 : 400));
        for (; pfn < end; pfn++) {
          fill(pfn, kind, random);
        }
      }
    }
  }

  private TestMachine(List<PageRange> extents) {
    this.extents = List.copyOf(extents);
    long limit = extents.stream().mapToLong(PageRange::end).max().orElse(0);
    this.ram = PageSet.of(arena, limit, extents);
    this.inUse = ram.copy(arena);
    for (PageRange extent : extents) {
      memory.add(arena.allocate(extent.bytes(), Pages.SIZE));
    }
  }

  /** The same machine with other memory: nonsense everywhere. */
  TestMachine nonsense() {
    TestMachine machine = new TestMachine(extents);
    machine.memory.forEach(extent -> extent.fill((byte) 0x5a));
    return machine;
  }

  private void fill(long pfn, Fill kind, Random random) {
    MemorySegment page = page(pfn);
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
      case LETTERS -> {
        for (int i = 0; i < Pages.SIZE; i++) {
          page.set(ValueLayout.JAVA_BYTE, i, (byte) ('a' + random.nextInt(4)));
        }
      }
      case FREE -> {
        page.fill((byte) 0x33);
        inUse.remove(pfn);
      }
    }
  }

  @Override
  public Lease lease(PageRange frames) {
    if (frames.isEmpty() || ram.countIn(frames) != frames.count()) {
      throw new AssertionError("not all RAM: " + frames);
    }
    if (frames.start() / WINDOW_PAGES != (frames.end() - 1) / WINDOW_PAGES) {
      throw new AssertionError("not in one window: " + frames);
    }
    leases.incrementAndGet();
    MemorySegment first = page(frames.start());
    MemorySegment leased = first.reinterpret(frames.bytes());
    return new Lease() {
      @Override
      public MemorySegment memory() {
        return leased;
      }

      @Override
      public void close() {
        leases.decrementAndGet();
      }
    };
  }

  /** How many leases have not been closed. */
  int openLeases() {
    return leases.get();
  }

  PageSet ram() {
    return ram;
  }

  PageSet inUse() {
    return inUse;
  }

  long ramPages() {
    return ram.count();
  }

  /** How many pages are in use and zero. */
  long zeroPages() {
    long zero = 0;
    for (long pfn = inUse.next(0); pfn < inUse.limit(); pfn = inUse.next(pfn + 1)) {
      zero += isZero(pfn) ? 1 : 0;
    }
    return zero;
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

  private boolean isZero(long pfn) {
    for (byte b : page(pfn).toArray(ValueLayout.JAVA_BYTE)) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  ImageDescription description(SaverFiles files) {
    return new ImageDescription(
        Instant.ofEpochMilli(1_700_000_000_123L),
        "6.12.117",
        "0123456789abcdef0123456789abcdef01234567",
        ramPages(),
        "/dev/disk/by-partlabel/Schlafmaus ü",
        Optional.of(
            new WakeDescription(
                new PageRange(0x4000_0000L, 0x4000_9000L),
                new PageRange(1, 2),
                5,
                0,
                files,
                "console=ttyS0 dormouse.restore=" + IMAGE)));
  }

  static SaverFiles.Contents kernel() {
    return contents("kernel ", 5_000);
  }

  static SaverFiles.Contents initramfs() {
    return contents("initramfs ", 70_000);
  }

  /** A file of {@code length} bytes. */
  static SaverFiles.Contents contents(String text, int length) {
    byte[] bytes = text.repeat(length / text.length() + 1).getBytes(StandardCharsets.US_ASCII);
    return SaverFiles.Contents.of(MemorySegment.ofArray(bytes).asSlice(0, length));
  }

  /** The files that {@link #hibernate} puts into a store. */
  static SaverFiles files() {
    return SaverFiles.plan(
        kernel().bytes().byteSize(),
        kernel().sha256(),
        initramfs().bytes().byteSize(),
        initramfs().sha256());
  }

  /** Installs the saver and claims the store. */
  ImageHeader claim(Store store) throws IOException {
    SaverFiles files = SaverFiles.install(store, kernel(), initramfs(), present(store));
    return Image.claim(store, IMAGE, description(files));
  }

  static Optional<ImageHeader> present(Store store) throws IOException {
    try {
      return Optional.of(Image.header(store));
    } catch (ImageFormatException e) {
      return Optional.empty();
    }
  }

  /** The usual sizes; what compresses is compressed, however quick the store is. */
  static PipelineSize size(int workers) {
    return PipelineSize.of(workers).withCompression(PipelineSize.Compression.ALWAYS);
  }

  /** Writes all memory and completes the image. */
  ImageHeader hibernate(Store store, PipelineSize size) throws IOException, InterruptedException {
    return hibernate(store, size, ram);
  }

  ImageHeader hibernate(Store store, PipelineSize size, PageSet reachable)
      throws IOException, InterruptedException {
    try (ImageWriter writer = ImageWriter.begin(store, claim(store), size, new ImageProgress())) {
      writer.save(this, inUse, reachable);
      return finish(writer);
    }
  }

  /** The same, sealed. */
  ImageHeader hibernateSealed(
      Store store,
      PipelineSize size,
      UUID image,
      Aead.Cipher cipher,
      MachineKey machine,
      ImageKey key)
      throws IOException, InterruptedException {
    SaverFiles files = SaverFiles.install(store, kernel(), initramfs(), present(store));
    ImageHeader claimed =
        Image.claim(
            store,
            image,
            description(files),
            Optional.of(new Image.Sealing(cipher, machine.seal(image, key))));
    try (ImageWriter writer =
        ImageWriter.begin(store, claimed, Optional.of(key), size, new ImageProgress())) {
      writer.save(this, inUse, ram);
      return finish(writer);
    }
  }

  ImageHeader finish(ImageWriter writer) throws IOException, InterruptedException {
    return writer.finish(JUMP_BACK_ENTRY, ramPages() - inUse.count(), DETAILS);
  }

  /** An image of a mixed machine of about 3 MiB, complete. */
  static MemoryStore completeImage() throws IOException, InterruptedException {
    MemoryStore store = new MemoryStore(8 << 20);
    try (TestMachine machine = mixed()) {
      machine.hibernate(store, TestMachine.size(2));
    }
    return store;
  }

  static TestMachine mixed() {
    TestMachine machine =
        new TestMachine(
            List.of(
                new PageRange(3, 160), new PageRange(200, 700), new PageRange(0x100000, 0x100080)),
            7,
            Fill.values());
    for (long pfn = 300; pfn < 330; pfn++) {
      machine.page(pfn).fill((byte) 0);
      machine.inUse.add(pfn);
    }
    return machine;
  }

  /** 24 MiB that do not compress. */
  static TestMachine incompressible() {
    return new TestMachine(List.of(new PageRange(100, 6244)), 3, Fill.RANDOM);
  }

  @Override
  public void close() {
    arena.close();
  }
}
