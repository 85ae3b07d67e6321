package org.dormouse.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.dormouse.analyze.MemoryDifference;
import org.dormouse.codec.Codec;
import org.dormouse.dump.CoreDescription;
import org.dormouse.dump.CoreFile;
import org.dormouse.dump.ElfBytes;
import org.dormouse.dump.ElfCoreFile;
import org.dormouse.dump.KdumpWriter;
import org.dormouse.image.ImageBody;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImagePages;
import org.dormouse.image.ImageProgress;
import org.dormouse.image.ImageReader;
import org.dormouse.image.ImageState;
import org.dormouse.image.PipelineSize;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.store.BlockStore;
import org.dormouse.store.NullStore;
import org.dormouse.text.KeyValues;
import org.dormouse.text.ReportException;
import org.dormouse.vmcore.Exclusions;
import org.dormouse.vmcore.PageKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CreateImageTest {
  private static final int PAGES = 700;
  private static final long FIRST = 0x123;

  private static final ExportImage.Format KDUMP =
      new ExportImage.Format.Kdump(KdumpWriter.Compression.ZSTD);

  @TempDir Path folder;

  @Test
  void aDumpBecomesAnImageWithTheSamePages() throws Exception {
    byte[] memory = memory();
    Path dump = dump(memory);
    Path image = folder.resolve("image");
    PipelineSize size = PipelineSize.of(2).withCodec(new Codec.OfZstd(1));
    try (ElfCoreFile core = ElfCoreFile.open(dump);
        CreateImage create = new CreateImage(core, Exclusions.none(), 2, pages -> {});
        BlockStore store = BlockStore.create(image, create.worstCaseBytes())) {
      assertThat(create.pages()).isEqualTo(PAGES);
      ImageHeader header = create.write(store, size, new ImageProgress());
      ImageBody body = header.body().orElseThrow();
      assertThat(header.state()).isEqualTo(ImageState.DUMP);
      assertThat(header.description().orElseThrow().kernelRelease()).isEqualTo("6.1.0-test");
      assertThat(header.description().orElseThrow().kernelBuildId()).isEqualTo("00ff");
      assertThat(body.savedPages() + body.zeroPages()).isEqualTo(PAGES);
      assertThat(body.zeroPages()).isEqualTo(PAGES / 7);
      assertThat(body.freePages()).isZero();
    }
    try (BlockStore store = BlockStore.forReading(image);
        Arena arena = Arena.ofConfined()) {
      ImageReader reader = ImageReader.inspect(store);
      reader.verify(size, new ImageProgress());
      CoreDescription description = CoreDescription.of(KeyValues.parse(reader.details()));
      assertThat(description.vmcoreInfo().value("OSRELEASE")).isEqualTo("6.1.0-test");
      assertThat(description.loads())
          .containsExactly(
              new CoreDescription.Load(Pages.address(FIRST), 0xffff888000000000L, memory.length));
      MemorySegment read = arena.allocate(memory.length);
      try (ImagePages pages = reader.pages()) {
        pages.read(new PageRange(FIRST, FIRST + PAGES), read);
      }
      assertThat(read.mismatch(MemorySegment.ofArray(memory))).isEqualTo(-1);
    }
  }

  @Test
  void whatIsExportedHasTheSamePagesAndNotes() throws Exception {
    Path dump = dump(memory());
    Path image = folder.resolve("image");
    try (CoreFile core = CoreFile.open(dump)) {
      image(core, image);
    }
    assertExportsHave(PAGES, image, dump);
  }

  /**
   * More loads than an image's details name: what is in the others is in the image all the same.
   */
  @Test
  void aDumpInThousandsOfPiecesLosesNoPage() throws Exception {
    int loads = 3000;
    Random random = new Random(2);
    ElfBytes elf = new ElfBytes().note("VMCOREINFO", "OSRELEASE=6.1.0-test\n");
    for (int i = 0; i < loads; i++) {
      byte[] page = new byte[Pages.SIZE];
      if (i % 5 != 0) {
        random.nextBytes(page);
      }
      elf.load(Pages.address(2L * i), 0xffff888000000000L + Pages.address(2L * i), page);
    }
    Path dump = Files.write(folder.resolve("pieces"), elf.bytes());
    Path image = folder.resolve("image");
    try (CoreFile core = CoreFile.open(dump)) {
      image(core, image);
      try (CoreFile read = Dumps.open(image)) {
        assertThat(read.description().loads()).hasSizeLessThan(loads);
        assertThat(read.ram()).isEqualTo(core.ram()).hasSize(loads);
      }
    }
    assertExportsHave(loads, image, dump);
  }

  /** A kdump file has no loads, and without page tables nothing tells where memory is mapped. */
  @Test
  void aDumpWithoutLoadsLosesNoPage() throws Exception {
    Path dump = dump(memory());
    Path kdump = folder.resolve("kdump");
    try (CoreFile core = CoreFile.open(dump);
        ExportImage export = new ExportImage(core)) {
      export.write(kdump, KDUMP, 1, pages -> {});
    }
    Path image = folder.resolve("image");
    try (CoreFile core = CoreFile.open(kdump)) {
      assertThat(core.description().loads()).isEmpty();
      image(core, image);
    }
    assertExportsHave(PAGES, image, dump);
  }

  /** There is no telling whether what lies between them is RAM, and no list for so many ranges. */
  @Test
  void moreRunsThanAreNamedAreJoined() throws Exception {
    Path image = folder.resolve("image");
    image(new EverySecondPage(40_000, 80_000), image);
    try (CoreFile read = Dumps.open(image);
        Arena arena = Arena.ofConfined()) {
      assertThat(read.ram()).containsExactly(new PageRange(0, 79_999));
      assertThat(read.presence(arena).zero().count()).isEqualTo(40_000);
    }
  }

  /** Zero pages, each with one that was left out behind it, in a dump that says nothing else. */
  private record EverySecondPage(int count, long ramPages) implements CoreFile {
    @Override
    public CoreDescription description() {
      return CoreDescription.none();
    }

    @Override
    public List<PageRange> ram() {
      return List.of(new PageRange(0, ramPages));
    }

    @Override
    public Presence presence(Arena arena) {
      PageSet zero = PageSet.empty(arena, ramPages);
      for (int i = 0; i < count; i++) {
        zero.add(2L * i);
      }
      return new Presence(PageSet.empty(arena, ramPages), zero);
    }

    @Override
    public Frames frames() {
      return wanted -> {
        throw new IOException("nothing to read at " + wanted);
      };
    }

    @Override
    public void close() {}
  }

  private static void image(CoreFile core, Path image) throws Exception {
    try (CreateImage create = new CreateImage(core, Exclusions.none(), 2, pages -> {});
        BlockStore store = BlockStore.create(image, create.worstCaseBytes())) {
      create.write(store, PipelineSize.of(2), new ImageProgress());
    }
  }

  /** In either format, what is exported has the dump's note and pages, and no others. */
  private void assertExportsHave(int count, Path image, Path dump) throws Exception {
    for (ExportImage.Format format : List.of(new ExportImage.Format.Elf(), KDUMP)) {
      Path exported = folder.resolve("exported-" + format.getClass().getSimpleName());
      try (CoreFile read = Dumps.open(image);
          ExportImage export = new ExportImage(read)) {
        LongAdder done = new LongAdder();
        export.write(exported, format, 2, done::add);
        assertThat(done.sum()).isEqualTo(export.pages()).isEqualTo(count);
      }
      try (CoreFile original = Dumps.open(dump);
          CoreFile again = Dumps.open(exported);
          Arena arena = Arena.ofShared()) {
        assertThat(again.description().vmcoreInfoText())
            .isEqualTo(original.description().vmcoreInfoText());
        assertThat(
                MemoryDifference.between(
                        original, again, CoreCensus.of(again, arena, 1, pages -> {}), pages -> {})
                    .total())
            .isEqualTo(new MemoryDifference.Counts(count, 0, 0, 0, 0));
      }
    }
  }

  @Test
  void whatCannotBeToldIsKeptAndSaid() throws Exception {
    try (ElfCoreFile core = ElfCoreFile.open(dump(memory()));
        CreateImage create = new CreateImage(core, Exclusions.parse("free"), 1, pages -> {})) {
      // Its VMCOREINFO has no more than a release.
      assertThat(create.nothingExcluded()).isPresent();
      assertThat(create.pages()).isEqualTo(PAGES);
      create.write(new NullStore(), PipelineSize.of(1), new ImageProgress());
    }
  }

  @Test
  void memoryThatIsOnlyClaimedIsNotCounted() throws Exception {
    long claimed = 1L << 40;
    try (CoreFile core = new EverySecondPage(3, claimed);
        CreateImage create = new CreateImage(core, Exclusions.parse("free"), 1, pages -> {});
        Arena arena = Arena.ofConfined()) {
      assertThat(create.nothingExcluded().orElseThrow()).contains("page structs are not in it");
      assertThat(create.pages()).isEqualTo(3);
      assertThat(CoreCensus.of(core, arena, 1, pages -> {}).counts())
          .containsEntry(PageKind.UNKNOWN, claimed);
    }
  }

  @Test
  void aDumpThatEndsEarlyLeavesNoImage() throws Exception {
    Path dump = dump(memory());
    Path image = folder.resolve("image");
    try (ElfCoreFile core = ElfCoreFile.open(dump);
        CreateImage create = new CreateImage(core, Exclusions.none(), 2, pages -> {});
        BlockStore store = BlockStore.create(image, create.worstCaseBytes())) {
      byte[] whole = Files.readAllBytes(dump);
      Files.write(dump, Arrays.copyOf(whole, whole.length / 2));
      assertThatThrownBy(() -> create.write(store, PipelineSize.of(2), new ImageProgress()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("it was cut");
    }
    try (BlockStore store = BlockStore.forReading(image)) {
      assertThatThrownBy(() -> ImageReader.inspect(store)).hasMessageContaining("empty");
    }
  }

  @Test
  void aDumpThatCannotBeLookedThroughLeavesNoMemoryBehind() throws Exception {
    try (CoreFile core = CoreFile.open(dump(memory()))) {
      OfNoPresence broken = new OfNoPresence(core, new AtomicReference<>());
      assertThatThrownBy(() -> new CreateImage(broken, Exclusions.none(), 1, pages -> {}))
          .hasMessage("no presence");
      assertThat(broken.owner.get().scope().isAlive()).isFalse();
      assertThatThrownBy(() -> new ExportImage(broken)).hasMessage("no presence");
      assertThat(broken.owner.get().scope().isAlive()).isFalse();
    }
  }

  /** A dump whose index of pages cannot be read; remembers who was to own the sets. */
  private record OfNoPresence(CoreFile core, AtomicReference<Arena> owner) implements CoreFile {
    @Override
    public Presence presence(Arena arena) throws IOException {
      owner.set(arena);
      throw new IOException("no presence");
    }

    @Override
    public CoreDescription description() {
      return core.description();
    }

    @Override
    public List<PageRange> ram() {
      return core.ram();
    }

    @Override
    public Frames frames() {
      return core.frames();
    }

    @Override
    public void close() {}
  }

  @Test
  void anExistingFileIsNotCreatedOver() throws Exception {
    Path file = Files.createFile(folder.resolve("there"));
    assertThatThrownBy(() -> BlockStore.create(file, 1 << 20))
        .isInstanceOf(ReportException.class)
        .hasMessageContaining("exists");
    assertThat(file).isEmptyFile();
  }

  /** Every seventh page is zero. */
  private static byte[] memory() {
    byte[] memory = new byte[PAGES * Pages.SIZE];
    Random random = new Random(1);
    for (int page = 0; page < PAGES; page++) {
      byte[] content = new byte[page % 3 == 0 ? 100 : Pages.SIZE];
      random.nextBytes(content);
      if (page % 7 != 6) {
        System.arraycopy(content, 0, memory, page * Pages.SIZE, content.length);
      }
    }
    return memory;
  }

  private Path dump(byte[] memory) throws IOException {
    return Files.write(
        folder.resolve("dump"),
        new ElfBytes()
            .padded((byte) 3)
            .note("VMCOREINFO", "OSRELEASE=6.1.0-test\nBUILD-ID=00ff\n")
            .load(Pages.address(FIRST), 0xffff888000000000L, memory)
            .bytes());
  }
}
