package org.dormouse.sleep;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HibernateTest {
  @TempDir Path folder;

  @Test
  void aNameThatTheSaverCouldNotFindIsRefused() throws Exception {
    for (String name : new String[] {"", "/dev/my disk", "/dev/" + "x".repeat(160)}) {
      assertThatThrownBy(() -> Hibernate.checkName(name))
          .isInstanceOf(SleepException.class)
          .hasMessageContaining("cannot be the name of a store");
    }
    Path file = Files.createFile(folder.resolve("image"));
    assertThatThrownBy(() -> Hibernate.checkName(file.toString()))
        .hasMessageContaining("is a file");
    assertThatCode(() -> Hibernate.checkName("/dev/disk/by-id/x")).doesNotThrowAnyException();
  }
}
