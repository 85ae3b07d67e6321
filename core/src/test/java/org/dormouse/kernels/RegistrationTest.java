package org.dormouse.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.dormouse.text.ReportException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistrationTest {
  private static Registration named(String name) {
    return new Registration(
        name, Path.of("/boot/vmlinuz"), Optional.empty(), " root=/dev/vdb  rw ", 256L << 20, 2);
  }

  @Test
  void whatWasAddedIsReadBackByName(@TempDir Path folder) throws Exception {
    Registry registry = new Registry(folder.resolve("kernels"));
    assertThat(registry.all()).isEmpty();
    Registration shell =
        new Registration(
            "shell", Path.of("/a b"), Optional.of(Path.of("/init=rd")), "", 64L << 20, 1);
    registry.put(shell);
    registry.put(named("guest"));
    assertThat(registry.all()).containsExactly(named("guest"), shell);
    registry.remove("guest");
    registry.remove("guest");
    assertThat(registry.all()).containsExactly(shell);
    Files.writeString(folder.resolve("kernels/bad.kernel"), "name=bad\n");
    assertThatThrownBy(registry::all).hasMessageContaining("bad.kernel makes no sense");
  }

  @Test
  void wordsAreWhatStandsBetweenBlanks() {
    assertThat(named("guest").words()).isEqualTo(List.of("root=/dev/vdb", "rw"));
  }

  @Test
  void whatCannotBeAKernelIsRefusedInASentence() throws Exception {
    named("b2").check();
    for (String name : List.of("", "original", "B", "a-b", "2b", "a".repeat(17))) {
      assertThatThrownBy(() -> named(name).check())
          .isInstanceOf(ReportException.class)
          .hasMessageContaining("cannot be the name");
    }
    assertThatThrownBy(
            () -> new Registration("b", Path.of("/k"), Optional.empty(), "", 31L << 20, 1).check())
        .hasMessageContaining("31 MiB");
    assertThatThrownBy(
            () -> new Registration("b", Path.of("/k"), Optional.empty(), "", 64L << 20, 0).check())
        .hasMessageContaining("0 CPUs");
    assertThatThrownBy(
            () ->
                new Registration("b", Path.of("/k"), Optional.empty(), "a\nb", 64L << 20, 1)
                    .check())
        .hasMessageContaining("control characters");
  }
}
