package org.dormouse.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class ThisThreadTest {
  /** The last that can be asked for; no machine that runs the tests has so many. */
  private static final int NONE = 63;

  @Test
  void movesToAProcessorThatIsThere() throws Exception {
    assertThat(inAThread(() -> ThisThread.moveTo(0))).isTrue();
  }

  @Test
  void staysWhereThereIsNoSuchProcessor() throws Exception {
    assumeTrue(Runtime.getRuntime().availableProcessors() < NONE);
    assertThat(inAThread(() -> ThisThread.moveTo(NONE))).isFalse();
  }

  /** In one that nobody needs afterwards. */
  private static boolean inAThread(Callable<Boolean> work) throws Exception {
    FutureTask<Boolean> task = new FutureTask<>(work);
    Thread.ofPlatform().start(task);
    return task.get();
  }
}
