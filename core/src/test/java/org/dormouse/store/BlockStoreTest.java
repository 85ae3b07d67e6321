package org.dormouse.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dormouse.text.ReportException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BlockStoreTest {
  private Path path;

  @BeforeEach
  void makeFile() throws IOException {
    path = Files.createTempFile(Path.of("target"), "block", ".img");
    Files.write(path, new byte[3 * 4096]);
  }

  @AfterEach
  void deleteFile() throws IOException {
    Files.delete(path);
  }

  @Test
  void whatWasWrittenIsThere() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocate(4096, 4096).fill((byte) 7);
      try (Store store = BlockStore.forWriting(path)) {
        assertThat(store.size()).isEqualTo(3 * 4096);
        assertThat(store.name()).isEqualTo(path.toString());
        store.write(4096, block);
        store.flush();
      }
      MemorySegment whole = arena.allocate(3 * 4096, 4096);
      try (Store store = BlockStore.forReading(path)) {
        store.read(0, whole);
      }
      assertThat(whole.asSlice(4096, 4096).mismatch(block)).isEqualTo(-1);
      assertThat(whole.asSlice(0, 4096).mismatch(arena.allocate(4096))).isEqualTo(-1);
    }
  }

  @Test
  void aMissingStoreIsNamedWithAWayOut() {
    assertThatThrownBy(() -> BlockStore.forReading(Path.of("/dev/no-such-dormouse")))
        .isInstanceOfSatisfying(
            ReportException.class,
            e -> {
              assertThat(e.report().happened())
                  .contains("/dev/no-such-dormouse")
                  .contains("ENOENT");
              assertThat(e.report().state()).isEqualTo("Nothing was read or written.");
              assertThat(e.report().remedy()).contains("name");
            });
  }

  @Test
  void theEndOfTheStoreIsAnError() throws IOException {
    try (Arena arena = Arena.ofConfined();
        Store store = BlockStore.forReading(path)) {
      MemorySegment two = arena.allocate(8192, 4096);
      assertThatThrownBy(() -> store.read(8192, two))
          .isInstanceOf(ReportException.class)
          .hasMessageContaining("4096 bytes short");
    }
  }

  @Test
  void whatIsNotAlignedIsRefused() throws IOException {
    try (Arena arena = Arena.ofConfined();
        Store store = BlockStore.forReading(path)) {
      MemorySegment block = arena.allocate(8192, 4096);
      assertThatThrownBy(() -> store.read(512, block.asSlice(0, 4096)))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> store.read(0, block.asSlice(512, 4096)))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> store.read(0, block.asSlice(0, 512)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
