package org.dormouse.dump;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dormouse.dump.CoreDescription.Load;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the files look like, and what is left of one that could not be written. */
class CoreWritersTest {
  private static final long DIRECT_MAP = 0xffff888000000000L;
  private static final long TEXT = 0xffffffff81000000L;
  private static final KdumpWriter.Options ZLIB =
      new KdumpWriter.Options(KdumpWriter.Compression.ZLIB, 2, 0);

  @TempDir Path folder;

  private final SmallMemory memory = new SmallMemory(SmallMemory.ranges(1, 900, 100, 2000), 0, 1);

  @Test
  void theKernelsTextIsInTheFileOnceAndHasTwoLoads() throws Exception {
    CoreDescription description =
        new CoreDescription(
            List.of(
                new Load(Pages.address(1100), TEXT, Pages.address(300)),
                new Load(Pages.address(1), DIRECT_MAP + Pages.address(1), Pages.address(900)),
                new Load(
                    Pages.address(1001), DIRECT_MAP + Pages.address(1001), Pages.address(2000))),
            SmallMemory.NOTES);
    Path path = folder.resolve("core");
    ElfCoreWriter.write(memory.contents(description), path, 1, pages -> {});

    assertThat(Files.size(path)).isLessThan(Pages.address(2900 + 4));
    try (ElfCoreFile file = ElfCoreFile.open(path)) {
      assertThat(file.description()).isEqualTo(description);
      assertThat(file.ram()).isEqualTo(memory.ram);
    }
  }

  @Test
  void ramWithoutALoadHasNoVirtualAddress() throws Exception {
    Load told = new Load(Pages.address(1), DIRECT_MAP + Pages.address(1), Pages.address(900));
    Path path = folder.resolve("core");
    CoreDescription description = new CoreDescription(List.of(told), SmallMemory.NOTES);
    ElfCoreWriter.write(memory.contents(description), path, 1, pages -> {});

    try (ElfCoreFile file = ElfCoreFile.open(path)) {
      assertThat(file.description().loads())
          .containsExactly(told, new Load(Pages.address(1001), 0, Pages.address(2000)));
    }
  }

  @Test
  void ofTooManyGapsTheShortAreHoles() throws Exception {
    long pages = 3L * CoreLayout.MOST_PIECES;
    SmallMemory none = new SmallMemory(List.of(new PageRange(0, pages)), 100, 1);
    // Every third page, and at the end a gap that is longer.
    for (long pfn = 0; pfn < pages - 40; pfn += 3) {
      none.stored.add(pfn);
    }
    Path path = folder.resolve("core");
    ElfCoreWriter.write(none.contents(CoreDescription.none()), path, 1, written -> {});

    try (ElfCoreFile file = ElfCoreFile.open(path);
        Arena arena = Arena.ofConfined()) {
      assertThat(file.description().loads().size()).isLessThanOrEqualTo(CoreLayout.MOST_PIECES);
      CoreFile.Presence presence = file.presence(arena);
      PageSet stored = presence.stored().copy(arena);
      stored.retainAll(none.stored);
      assertThat(stored.count()).isEqualTo(none.stored.count());
      assertThat(presence.stored().contains(pages - 1)).isFalse();
      assertThat(presence.zero().contains(pages - 1)).isFalse();
    }
  }

  @Test
  void whatFailsLeavesNoFile() {
    // Pages that nobody can get at.
    memory.stored.remove(new PageRange(50, 60));
    PageSet more = memory.stored.copy(memory.arena);
    more.add(new PageRange(50, 60));
    CoreContents contents =
        new CoreContents(
            CoreDescription.none(),
            memory.ram,
            memory,
            new CoreFile.Presence(more, PageSet.empty(memory.arena, more.limit())));
    Path path = folder.resolve("core");

    assertThatThrownBy(() -> KdumpWriter.write(contents, path, ZLIB, pages -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nobody");
    assertThatThrownBy(() -> ElfCoreWriter.write(contents, path, 3, pages -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nobody");
    assertThat(path).doesNotExist();
  }

  @Test
  void aFileThatIsThereStays() throws Exception {
    Path path = Files.writeString(folder.resolve("core"), "precious");
    CoreContents contents = memory.contents(CoreDescription.none());

    assertThatThrownBy(() -> KdumpWriter.write(contents, path, ZLIB, pages -> {}))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> ElfCoreWriter.write(contents, path, 1, pages -> {}))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(path).hasContent("precious");
  }
}
