package org.dormouse.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class JumpConfigurationTest {
  private static final KernelConfiguration DEBIAN =
      KernelConfiguration.parse(
          """
          # Linux/x86 6.1.192 Kernel Configuration
          CONFIG_LOCALVERSION=""
          # CONFIG_KEXEC_JUMP is not set
          CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT=y
          # CONFIG_DEBUG_INFO_DWARF5 is not set
          # CONFIG_DEBUG_INFO_NONE is not set
          CONFIG_MODULE_SIG_KEY=""
          CONFIG_SYSTEM_TRUSTED_KEYS="debian/certs/debian-uefi-certs.pem"
          CONFIG_SYSTEM_REVOCATION_KEYS="/etc/keys/revoked.pem"
          CONFIG_EXT4_FS=m
          CONFIG_XFS_FS=m
          CONFIG_WATCHDOG_PRETIMEOUT_DEFAULT_GOV_NOOP=y
          """);

  @Test
  void changesTheJumpTheNameAndTheDebugInformation() {
    KernelConfiguration it = JumpConfiguration.of(DEBIAN, Set.of());
    assertThat(it.value("KEXEC_JUMP")).isEqualTo("y");
    assertThat(it.value("LOCALVERSION")).isEqualTo("\"-dormouse\"");
    assertThat(it.value("DEBUG_INFO_NONE")).isEqualTo("y");
    assertThat(it.mentions("DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT")).isFalse();
    assertThat(it.value("EXT4_FS")).isEqualTo("m");
    assertThat(it.version()).isEqualTo(DEBIAN.version());
  }

  @Test
  void keysThatAreNotThereAreNotNamed() {
    assertThat(JumpConfiguration.keyFiles(DEBIAN))
        .containsExactlyInAnyOrder("debian/certs/debian-uefi-certs.pem", "/etc/keys/revoked.pem");
    KernelConfiguration it = JumpConfiguration.of(DEBIAN, Set.of("/etc/keys/revoked.pem"));
    assertThat(it.mentions("MODULE_SIG_KEY")).isFalse();
    assertThat(it.mentions("SYSTEM_TRUSTED_KEYS")).isFalse();
    assertThat(it.value("SYSTEM_REVOCATION_KEYS")).isEqualTo("\"/etc/keys/revoked.pem\"");
  }

  @Test
  void aKeyThatTheBuildMakesStays() {
    Map<String, String> made = Map.of("MODULE_SIG_KEY", "\"certs/signing_key.pem\"");
    assertThat(JumpConfiguration.of(DEBIAN.with(made), Set.of()).value("MODULE_SIG_KEY"))
        .isEqualTo("\"certs/signing_key.pem\"");
  }

  @Test
  void aNameThatIsThereIsKept() {
    Map<String, String> named = Map.of("LOCALVERSION", "\"-mine\"");
    assertThat(JumpConfiguration.of(DEBIAN.with(named), Set.of()).value("LOCALVERSION"))
        .isEqualTo("\"-mine-dormouse\"");
  }

  @Test
  void localmodconfigTakesOutModulesAndNothingElse() {
    // As it does: takes out a module, which moves a choice that stood on it, and adds IKCONFIG.
    KernelConfiguration trimmed =
        DEBIAN
            .without(Set.of("WATCHDOG_PRETIMEOUT_DEFAULT_GOV_NOOP"))
            .with(Map.of("XFS_FS", "n", "IKCONFIG", "m", "SOMETHING", "y"));
    KernelConfiguration it = JumpConfiguration.withoutModules(DEBIAN, trimmed);
    assertThat(it).isEqualTo(DEBIAN.with(Map.of("XFS_FS", "n")));
  }

  @Property
  void onlyModulesGoAndNoneIsAdded(
      @ForAll(supplier = Configurations.class) KernelConfiguration whole,
      @ForAll(supplier = Configurations.class) KernelConfiguration trimmed) {
    KernelConfiguration it = JumpConfiguration.withoutModules(whole, trimmed);
    assertThat(it.answers().keySet()).isEqualTo(whole.answers().keySet());
    whole
        .answers()
        .forEach(
            (name, value) ->
                assertThat(it.value(name))
                    .isEqualTo(value.equals("m") && !trimmed.has(name) ? "n" : value));
  }
}
