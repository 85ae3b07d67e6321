package org.dormouse.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.dormouse.rebuild.RebuildFacts.Begun;
import org.dormouse.rebuild.RebuildFacts.Original;
import org.dormouse.text.ReportException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RebuildPlanTest {
  private static final RebuildRequest REQUEST =
      new RebuildRequest(
          Optional.empty(), new ModuleChoice.All(), Path.of("/var/cache/x"), 2, Set.of());
  private static final KernelSource SOURCE =
      new KernelSource("linux-source-6.12", "6.12.117-1~deb12u1", Path.of("/usr/src/x.tar.xz"));
  private static final KernelConfiguration DEBIAN =
      KernelConfiguration.parse(
          """
          # Linux/x86 6.12.111 Kernel Configuration
          CONFIG_KEXEC=y
          CONFIG_HIBERNATION=y
          # CONFIG_KEXEC_JUMP is not set
          CONFIG_EXT4_FS=m
          """);

  private Optional<KernelConfiguration> configuration = Optional.of(DEBIAN);
  private Optional<KernelSource> source = Optional.of(SOURCE);
  private List<String> missing = List.of();
  private long free = 1L << 40;
  private Begun begun = Begun.NOTHING;

  @Test
  void saysWhatItTakesAndWhatItBecomes() throws ReportException {
    RebuildPlan plan = plan();
    assertThat(plan.release()).isEqualTo("6.12.117-dormouse");
    assertThat(plan.wanted().has("KEXEC_JUMP")).isTrue();
    assertThat(String.join("\n", plan.lines(REQUEST)))
        .contains("6.12.117-dormouse")
        .contains("the configuration is of 6.12.111, the source 6.12.117")
        .contains("2.2 GiB in /var/cache/x");
  }

  @Test
  void aKernelThatCanJumpNeedsNoOther() {
    configuration = Optional.of(DEBIAN.with(Map.of("KEXEC_JUMP", "y")));
    source = Optional.empty();
    assertThat(RebuildPlan.needless(facts())).get().asString().contains("nothing");
    configuration = Optional.of(DEBIAN);
    assertThat(RebuildPlan.needless(facts())).isEmpty();
  }

  @Test
  void saysWhichPackagesAreMissing() {
    source = Optional.empty();
    refused("source is not installed", "apt install --no-install-recommends linux-source-6.12");
    source = Optional.of(SOURCE);
    missing = List.of("bc", "libelf-dev");
    refused("programs", "apt install --no-install-recommends bc libelf-dev");
    configuration = Optional.empty();
    refused("6.18.0-strange", "linux-config-6.12 linux-source-6.12");
  }

  @Test
  void refusesAnotherSeriesAndWhatCannotJump() {
    source = Optional.of(new KernelSource("linux-source-6.12", "6.1.192-3", Path.of("/x")));
    refused("6.1.192-3", "linux-source-6.12");
    source = Optional.of(SOURCE);
    configuration = Optional.of(DEBIAN.without(Set.of("HIBERNATION")));
    refused("HIBERNATION", "--config");
    configuration = Optional.of(KernelConfiguration.parse("CONFIG_KEXEC=y\n"));
    refused("does not say", "Kernel Configuration");
  }

  @Test
  void refusesADiskThatIsTooSmallBeforeAnythingIsDone() throws ReportException {
    free = 1L << 30;
    refused("takes about 2.2 GiB", "--folder");
    begun = Begun.COMPILED;
    assertThat(plan().lines(REQUEST)).anyMatch(line -> line.contains("goes on"));
  }

  @Test
  void fewerModulesAreFewerFiles() {
    KernelConfiguration large = DEBIAN;
    for (int i = 0; i < 4000; i++) {
      large = large.with(Map.of("M" + i, "m"));
    }
    long all = RebuildPlan.files(large, new ModuleChoice.All());
    long few = RebuildPlan.files(large, ModuleChoice.named("here", List.of("e1000e")));
    assertThat(few).isPositive().isLessThan(all / 4);
  }

  @ParameterizedTest
  @CsvSource({
    "6.1.0-53-amd64, true",
    "6.1.0-53-cloud-amd64, true",
    "6.12.57+deb13-amd64, true",
    "6.12.57+deb13-rt-amd64, true",
    "6.12.12+bpo-amd64, true",
    "6.1.0-0.deb11.21-amd64, true",
    "6.18.44-fc-v657, false",
    "6.8.0-45-generic, false",
    "6.12.117-dormouse, false",
    "6.11.4-301.fc41.x86_64, false"
  })
  void knowsDebiansKernelsByTheirNames(String release, boolean debians) {
    assertThat(RebuildFacts.isDebians(release)).isEqualTo(debians);
  }

  @Test
  void aKernelOfOursIsBuiltAgainFromTheStockOnesConfiguration() {
    List<String> boot =
        List.of(
            "config-6.1.0-9-amd64",
            "config-6.1.0-53-amd64",
            "config-6.12.57+deb13-amd64",
            "config-6.1.192-dormouse",
            "vmlinuz-6.1.0-54-amd64");
    assertThat(RebuildFacts.stockConfiguration("6.1.192-dormouse", boot))
        .hasValue("config-6.1.0-53-amd64");
    assertThat(RebuildFacts.stockConfiguration("6.18.1-dormouse", boot)).isEmpty();
  }

  private RebuildPlan plan() throws ReportException {
    return RebuildPlan.of(REQUEST, facts());
  }

  private RebuildFacts facts() {
    return new RebuildFacts(
        "6.18.0-strange",
        configuration.map(it -> new Original("/boot/config", it, Set.of())),
        source,
        missing,
        free,
        2,
        begun);
  }

  private void refused(String happened, String remedy) {
    assertThatThrownBy(this::plan)
        .isInstanceOfSatisfying(
            ReportException.class,
            e -> {
              assertThat(e.report().happened()).contains(happened);
              assertThat(e.report().state()).isEqualTo("Nothing has been changed.");
              assertThat(e.report().remedy()).contains(remedy);
            });
  }
}
