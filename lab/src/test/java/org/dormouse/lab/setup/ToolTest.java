package org.dormouse.lab.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ToolTest {
  @TempDir Path folder;

  private Tool tool() {
    return new Tool(folder, folder.resolve("tool.log"), Map.of("WHO", "dora"));
  }

  @Test
  void outputGoesToTheLogAndToTheListener() throws Exception {
    var lines = new ArrayList<String>();
    tool().run(List.of("sh", "-c", "echo to $WHO; echo error >&2"), lines::add);

    assertThat(lines).containsExactly("to dora", "error");
    assertThat(folder.resolve("tool.log")).content().contains("to dora\nerror\n");
  }

  @Test
  void aFailureShowsTheEndOfTheOutputAndNamesTheLog() {
    assertThatThrownBy(
            () -> tool().run(List.of("sh", "-c", "for i in $(seq 40); do echo $i; done; exit 3")))
        .isInstanceOfSatisfying(
            SetupException.class,
            e -> {
              assertThat(e.happened()).endsWith("failed with exit code 3");
              assertThat(e.state()).contains("tool.log", "\n    40").doesNotContain("\n    28\n");
            });
  }

  @Test
  void aProgramThatIsNotThereIsReported() {
    assertThatThrownBy(() -> tool().run(List.of("no-such-program")))
        .isInstanceOf(SetupException.class)
        .hasMessageContaining("cannot run no-such-program");
  }
}
