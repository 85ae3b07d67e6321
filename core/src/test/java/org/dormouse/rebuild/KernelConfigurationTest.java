package org.dormouse.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class KernelConfigurationTest {
  private static final String TEXT =
      """
      #
      # Automatically generated file; DO NOT EDIT.
      # Linux/x86 6.12.117 Kernel Configuration
      #
      CONFIG_KEXEC=y
      # CONFIG_KEXEC_JUMP is not set
      CONFIG_EXT4_FS=m
      CONFIG_LOCALVERSION=""
      CONFIG_NR_CPUS=8192
      """;

  @Test
  void readsWhatTheKernelsToolsWrite() {
    KernelConfiguration it = KernelConfiguration.parse(TEXT);
    assertThat(it.version()).contains("6.12.117");
    assertThat(it.series()).contains("6.12");
    assertThat(it.has("KEXEC")).isTrue();
    assertThat(it.has("EXT4_FS")).isTrue();
    assertThat(it.has("KEXEC_JUMP")).isFalse();
    assertThat(it.mentions("KEXEC_JUMP")).isTrue();
    assertThat(it.mentions("NUMA")).isFalse();
    assertThat(it.value("NUMA")).isEqualTo("n");
    assertThat(it.value("NR_CPUS")).isEqualTo("8192");
    assertThat(it.options()).isEqualTo(2);
  }

  @Test
  void theLastAnswerCounts() {
    assertThat(KernelConfiguration.parse("CONFIG_A=y\n# CONFIG_A is not set\n").has("A")).isFalse();
  }

  @Test
  void aFileThatIsNoConfigurationSaysNothing() {
    KernelConfiguration it = KernelConfiguration.parse("\u0000\u0001 CONFIG=\n#CONFIG_\n=y");
    assertThat(it.version()).isEmpty();
    assertThat(it.answers()).isEmpty();
  }

  @Property
  void whatIsWrittenIsRead(@ForAll("answers") Map<String, String> answers) {
    KernelConfiguration it =
        new KernelConfiguration(Optional.of("6.1.9"), new LinkedHashMap<>(answers));
    assertThat(KernelConfiguration.parse(it.text())).isEqualTo(it);
    assertThat(it.without(answers.keySet()).answers()).isEmpty();
    assertThat(it.without(Set.of()).with(answers)).isEqualTo(it);
  }

  @Provide
  static Arbitrary<Map<String, String>> answers() {
    Arbitrary<String> names = Arbitraries.strings().withChars("ABC_019").ofMinLength(1);
    Arbitrary<String> values = Arbitraries.of("y", "m", "n", "7", "\"text\"", "\"\"", "0x10");
    return Arbitraries.maps(names, values);
  }
}
