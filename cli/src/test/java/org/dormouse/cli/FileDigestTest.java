package org.dormouse.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDigestTest {
  /** Of "abc": FIPS 180-2, appendix B.1. */
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  private static final String NOTED = "0".repeat(64);

  @TempDir private Path folder;
  private Path file;
  private Path note;

  @BeforeEach
  void makeFile() throws Exception {
    file = Files.writeString(folder.resolve("kernel"), "abc");
    note = folder.resolve("kernel.sha256");
  }

  @Test
  void withoutANoteItIsComputed() throws Exception {
    assertThat(FileDigest.of(file)).isEqualTo(ABC);
    assertThat(note).doesNotExist();
  }

  @Test
  void aNoteIsWrittenAsSha256sumDoesAndBelieved() throws Exception {
    FileDigest.note(file);
    assertThat(note).hasContent(ABC + "  kernel\n");
    Files.writeString(note, NOTED + "  kernel\n");
    assertThat(FileDigest.of(file)).isEqualTo(NOTED);
  }

  @Test
  void aNoteOlderThanTheFileIsNotBelieved() throws Exception {
    Files.writeString(note, NOTED + "  kernel\n");
    Files.setLastModifiedTime(note, FileTime.fromMillis(0));
    assertThat(FileDigest.of(file)).isEqualTo(ABC);
  }

  @Test
  void aNoteThatIsNoneIsNotBelieved() throws Exception {
    for (String nonsense : new String[] {"", "kernel", NOTED.substring(1), NOTED + "0"}) {
      Files.writeString(note, nonsense);
      assertThat(FileDigest.of(file)).as(nonsense).isEqualTo(ABC);
    }
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> FileDigest.of(folder.resolve("absent")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("absent");
  }
}
