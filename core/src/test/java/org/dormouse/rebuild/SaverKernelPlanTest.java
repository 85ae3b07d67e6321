package org.dormouse.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.dormouse.rebuild.RebuildFacts.Begun;
import org.dormouse.text.ReportException;
import org.junit.jupiter.api.Test;

class SaverKernelPlanTest {
  private static final SaverKernelRequest REQUEST =
      new SaverKernelRequest(Optional.empty(), Path.of("/var/cache/x"), Path.of("/boot/y"), 2);
  private static final KernelSource SOURCE =
      new KernelSource("linux-source-6.12", "6.12.117-1~deb12u1", Path.of("/usr/src/x.tar.xz"));

  private Optional<KernelSource> source = Optional.of(SOURCE);
  private List<String> missing = List.of();
  private long free = 1L << 40;
  private Begun begun = Begun.NOTHING;

  @Test
  void itHasTheJumpAndANameOfItsOwn() throws ReportException {
    SaverKernelPlan plan = plan();
    assertThat(plan.answers().answers())
        .contains("CONFIG_KEXEC_JUMP=y", "CONFIG_LOCALVERSION=\"-dormouse-saver\"")
        .doesNotContain("CONFIG_MODULES=y");
    assertThat(String.join("\n", plan.lines(REQUEST)))
        .contains("6.12.117-1~deb12u1", "2.0 GiB in /var/cache/x", "/boot/y");
  }

  @Test
  void saysWhatIsMissing() {
    source = Optional.empty();
    refused("no kernel's source", "apt install --no-install-recommends linux-source-6.1");
    source = Optional.of(SOURCE);
    missing = List.of("bc");
    refused("programs", "apt install --no-install-recommends bc");
  }

  @Test
  void refusesADiskThatIsTooSmall() throws ReportException {
    free = 1L << 30;
    refused("takes about 2.0 GiB", "--folder");
    begun = Begun.COMPILED;
    assertThat(plan().lines(REQUEST)).anyMatch(line -> line.contains("goes on"));
  }

  private SaverKernelPlan plan() throws ReportException {
    return SaverKernelPlan.of(REQUEST, new SaverKernelFacts(source, missing, free, begun));
  }

  private void refused(String happened, String remedy) {
    assertThatThrownBy(this::plan)
        .isInstanceOfSatisfying(
            ReportException.class,
            e -> {
              assertThat(e.report().happened()).contains(happened);
              assertThat(e.report().remedy()).contains(remedy);
            });
  }
}
