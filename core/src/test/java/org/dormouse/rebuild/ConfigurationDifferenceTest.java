package org.dormouse.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.dormouse.rebuild.ConfigurationDifference.Change;
import org.dormouse.rebuild.ConfigurationDifference.Kind;
import org.junit.jupiter.api.Test;

class ConfigurationDifferenceTest {
  private static final ModuleChoice ALL = new ModuleChoice.All();
  private static final ModuleChoice SOME = ModuleChoice.named("here", List.of());

  private static final KernelConfiguration BEFORE =
      KernelConfiguration.parse(
          """
          CONFIG_CC_VERSION_TEXT="x86_64-linux-gnu-gcc-12"
          # CONFIG_KEXEC_JUMP is not set
          CONFIG_DEBUG_INFO_BTF=y
          CONFIG_E1000E=m
          CONFIG_E1000E_HWTS=y
          CONFIG_GOV_NOOP=y
          # CONFIG_GOV_PANIC is not set
          """);

  @Test
  void whatWasMeantIsToldFromWhatTheCompilerSays() {
    KernelConfiguration after =
        BEFORE
            .without(Set.of("DEBUG_INFO_BTF"))
            .with(Map.of("KEXEC_JUMP", "y", "CC_VERSION_TEXT", "\"gcc\"", "BUILD_SALT", "\"\""));
    ConfigurationDifference it = ConfigurationDifference.between(BEFORE, after, ALL);
    assertThat(names(it, Kind.MEANT)).containsExactly("DEBUG_INFO_BTF", "KEXEC_JUMP");
    assertThat(names(it, Kind.COMPILER)).containsExactly("CC_VERSION_TEXT");
    assertThat(names(it, Kind.FRESH)).isEmpty();
    assertThat(names(it, Kind.UNMEANT)).isEmpty();
    assertThat(it.lines().getFirst()).contains("KEXEC_JUMP n -> y");
  }

  @Test
  void modulesMayOnlyBeLeftOutIfThatWasAskedFor() {
    KernelConfiguration after = BEFORE.without(Set.of("E1000E_HWTS")).with(Map.of("E1000E", "n"));
    assertThat(names(ConfigurationDifference.between(BEFORE, after, SOME), Kind.LEFT_OUT))
        .containsExactly("E1000E", "E1000E_HWTS");
    assertThat(names(ConfigurationDifference.between(BEFORE, after, ALL), Kind.UNMEANT))
        .containsExactly("E1000E", "E1000E_HWTS");
  }

  /** So it happened: pretimeout_noop was no longer built, and the choice fell on a panic. */
  @Test
  void aChoiceThatMovesIsSeen() {
    KernelConfiguration after = BEFORE.without(Set.of("GOV_NOOP")).with(Map.of("GOV_PANIC", "y"));
    assertThat(names(ConfigurationDifference.between(BEFORE, after, SOME), Kind.UNMEANT))
        .containsExactly("GOV_PANIC");
  }

  @Test
  void whatIsTurnedOffButCouldBeOnIsSeen() {
    KernelConfiguration after = BEFORE.with(Map.of("E1000E_HWTS", "n"));
    assertThat(names(ConfigurationDifference.between(BEFORE, after, SOME), Kind.UNMEANT))
        .containsExactly("E1000E_HWTS");
  }

  @Test
  void whatANewerSourceAsksIsSaid() {
    KernelConfiguration after = BEFORE.with(Map.of("MITIGATION_NEW", "y"));
    ConfigurationDifference it = ConfigurationDifference.between(BEFORE, after, ALL);
    assertThat(names(it, Kind.FRESH)).containsExactly("MITIGATION_NEW");
    assertThat(it.lines()).anyMatch(line -> line.contains("MITIGATION_NEW n -> y"));
  }

  @Property
  void eachOptionThatDiffersIsToldOnce(
      @ForAll(supplier = Configurations.class) KernelConfiguration before,
      @ForAll(supplier = Configurations.class) KernelConfiguration after) {
    ConfigurationDifference it = ConfigurationDifference.between(before, after, SOME);
    List<String> told = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      told.addAll(names(it, kind));
    }
    Set<String> differing = new TreeSet<>(before.answers().keySet());
    differing.addAll(after.answers().keySet());
    differing.removeIf(name -> plain(before, name).equals(plain(after, name)));
    assertThat(told).containsExactlyInAnyOrderElementsOf(differing);
  }

  @Property
  void nothingDiffersFromItself(@ForAll(supplier = Configurations.class) KernelConfiguration one) {
    assertThat(ConfigurationDifference.between(one, one, ALL).changes()).isEmpty();
  }

  private static String plain(KernelConfiguration configuration, String name) {
    return configuration.value(name).replace("\"\"", "n");
  }

  private static List<String> names(ConfigurationDifference it, Kind kind) {
    return it.of(kind).stream().map(Change::name).toList();
  }
}
