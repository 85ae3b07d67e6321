package org.dormouse.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dormouse.linux.LoggedProgram.Cause;
import org.dormouse.linux.LoggedProgram.End;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoggedProgramTest {
  @TempDir private Path folder;

  @Test
  void handsLinesOverAndKeepsThem() throws IOException {
    List<String> lines = new ArrayList<>();
    End end =
        program().run(List.of("sh", "-c", "echo $WORD; pwd; echo bad >&2; exit 3"), lines::add);
    assertThat(lines).containsExactly("here", folder.toRealPath().toString(), "bad");
    assertThat(end).isEqualTo(new End(3, Cause.ITSELF, lines));
    program().run(List.of("echo", "more"), _ -> {});
    assertThat(folder.resolve("log")).content().contains("$ sh -c", "bad\n$ echo more\nmore\n");
  }

  @Test
  void hasNoInputAndRemembersTheEnd() throws IOException {
    End end = program().run(List.of("sh", "-c", "cat; seq 20"), _ -> {});
    assertThat(end.lastLines()).hasSize(12).endsWith("19", "20");
  }

  @Test
  void aProgramThatIsNotThereIsAnError() {
    assertThatThrownBy(() -> program().run(List.of("no-such-program"), _ -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no-such-program");
  }

  @Test
  void modulesAreTheFirstWords() {
    assertThat(
            LoadedModules.parse(
                List.of("ext4 1126400 1 - Live 0x0", "dm_mod 229376 0 - Live 0x0", "")))
        .containsExactlyInAnyOrder("ext4", "dm_mod");
  }

  private LoggedProgram program() {
    return new LoggedProgram(folder, folder.resolve("log"), Map.of("WORD", "here"));
  }
}
