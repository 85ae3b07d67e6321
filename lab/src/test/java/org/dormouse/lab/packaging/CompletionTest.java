package org.dormouse.lab.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dormouse.cli.Main;
import org.dormouse.lab.guest.HostCommand;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "dormouse hib, hibernate",
    "dormouse hibernate --im, --image-size",
    "dormouse hibernate --then sus, suspend",
    "dormouse key cr, create",
  })
  void bashCompletes(String typed, String completed) throws Exception {
    assertThat(completions(typed).lines()).contains(completed);
  }

  @Test
  void bashIsToldOfNothingThatIsHidden() throws Exception {
    assertThat(completions("dormouse tr")).isEmpty();
  }

  private String completions(String typed) throws IOException, InterruptedException {
    Path script =
        Files.writeString(folder.resolve("completion"), Completion.bash(Main.commandLine()));
    String[] words = typed.split(" ");
    return HostCommand.check(
        List.of(
            "bash",
            "-euc",
            "set +u; . \"$1\"; COMP_LINE=$2; COMP_WORDS=($2); COMP_CWORD=$3; set +e\n"
                + "_complete_dormouse 2>/dev/null; printf '%s\\n' \"${COMPREPLY[@]}\"",
            "bash",
            script.toString(),
            typed,
            String.valueOf(words.length - 1)));
  }

  @Test
  void zshIsLeftAsItIsAndCompletesTheFirstTime() {
    assertThat(Completion.zsh(Main.commandLine()))
        .startsWith("#compdef dormouse\n")
        .contains("bashcompinit")
        .doesNotContain("COMPLETE_ALIASES\n", "alias compopt", "#!/")
        .endsWith("\n_bash_complete -o default -F _complete_dormouse\n");
  }
}
