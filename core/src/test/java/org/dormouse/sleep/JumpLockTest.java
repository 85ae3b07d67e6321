package org.dormouse.sleep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.dormouse.text.ReportException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JumpLockTest {
  @TempDir private Path folder;

  @Test
  void oneHasItAtATime() throws Exception {
    Path file = folder.resolve("run/jump.lock");
    try (JumpLock _ = JumpLock.take(file)) {
      assertThatThrownBy(() -> JumpLock.take(file))
          .isInstanceOf(ReportException.class)
          .hasMessageContaining("another dormouse command is at work");
    }
    try (JumpLock _ = JumpLock.take(file)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
          .isEqualTo("rwx------");
    }
  }
}
