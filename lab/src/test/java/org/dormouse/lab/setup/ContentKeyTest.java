package org.dormouse.lab.setup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentKeyTest {
  @Test
  void samePartsGiveTheSameName() {
    assertThat(new ContentKey().add("6.12").add("y").name())
        .isEqualTo(new ContentKey().add("6.12").add("y").name())
        .matches("[0-9a-f]{16}");
  }

  @Test
  void whereOnePartEndsAndTheNextBeginsMatters() {
    assertThat(new ContentKey().add("6.1").add("2y").name())
        .isNotEqualTo(new ContentKey().add("6.12").add("y").name());
  }

  @Test
  void aFileCountsByItsContent(@TempDir Path folder) throws IOException {
    Path a = Files.writeString(folder.resolve("a.jar"), "content");
    Path b = Files.writeString(folder.resolve("b.jar"), "content");
    Path c = Files.writeString(folder.resolve("c.jar"), "other");

    assertThat(new ContentKey().add(a).name()).isEqualTo(new ContentKey().add(b).name());
    assertThat(new ContentKey().add(a).name()).isNotEqualTo(new ContentKey().add(c).name());
  }

  @Test
  void aClassCountsByItsCode() {
    assertThat(new ContentKey().add(Nested.class).name())
        .isEqualTo(new ContentKey().add(Nested.class).name())
        .isNotEqualTo(new ContentKey().add(ContentKeyTest.class).name());
  }

  private static final class Nested {}
}
