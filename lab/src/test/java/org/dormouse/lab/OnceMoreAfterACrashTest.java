package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.dormouse.lab.qemu.CrashingQemu;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnceMoreAfterACrashTest {
  @TempDir private Path folder;

  @Test
  void aTestWhoseQemuCrashedIsRunOnceMore() throws Throwable {
    AtomicInteger runs = new AtomicInteger();
    OnceMoreAfterACrash.run(
        "crashes",
        () -> {
          runs.incrementAndGet();
          CrashingQemu.run("kill -SEGV $$", folder);
          throw new AssertionError("ended");
        },
        runs::incrementAndGet);
    assertThat(runs).hasValue(2);
  }

  @Test
  void anotherFailureIsOne() {
    assertThatThrownBy(
            () ->
                OnceMoreAfterACrash.run(
                    "fails",
                    () -> {
                      CrashingQemu.run("exit 1", folder);
                      throw new AssertionError("wrong");
                    },
                    () -> {}))
        .isInstanceOf(AssertionError.class)
        .hasMessage("wrong");
  }

  @Test
  void aSecondCrashIsAFailure() {
    assertThatThrownBy(
            () ->
                OnceMoreAfterACrash.run(
                    "crashes twice",
                    () -> {
                      CrashingQemu.run("kill -ABRT $$", folder);
                      throw new AssertionError("first");
                    },
                    () -> {
                      CrashingQemu.run("kill -ABRT $$", folder);
                      throw new AssertionError("second");
                    }))
        .hasMessage("second");
  }
}
