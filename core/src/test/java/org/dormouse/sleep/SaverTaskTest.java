package org.dormouse.sleep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.UUID;
import org.dormouse.linux.CommandLine;
import org.junit.jupiter.api.Test;

class SaverTaskTest {
  @Test
  void isReadAsItWasWritten() throws IOException {
    SaverTask save = new SaverTask.Save("/dev/disk/by-id/x", UUID.randomUUID(), 12345);
    for (SaverTask task : new SaverTask[] {save, new SaverTask.Rehearse()}) {
      assertThat(SaverTask.of(new CommandLine(task.words()))).isEqualTo(task);
    }
  }

  @Test
  void namesWhatIsWrong() {
    assertThatThrownBy(() -> task("quiet")).hasMessageContaining("no dormouse.task=");
    assertThatThrownBy(() -> task("dormouse.task=fly")).hasMessageContaining("fly");
    assertThatThrownBy(() -> task("dormouse.task=save dormouse.store=/dev/x dormouse.image=y"))
        .hasMessageContaining("dormouse.image=y is no UUID");
  }

  private static SaverTask task(String line) throws IOException {
    return SaverTask.of(CommandLine.parse(line));
  }
}
