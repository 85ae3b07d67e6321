package org.dormouse.lab.debian;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.dormouse.lab.demo.Comparison;
import org.dormouse.lab.demo.GuestState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DebianComparisonTest {
  private static Glance glance(int step) {
    Map<String, String> values = new HashMap<>();
    values.put("system", "running");
    values.put("failed_units", "0");
    values.put("efi_variables", "40");
    for (String same :
        List.of(
            "boot_id",
            "cpus",
            "postgres_pid",
            "pgbench_pid",
            "nginx_pid",
            "sshd_pid",
            "tmux_pid",
            "dd_pid",
            "efi_language")) {
      values.put(same, "17");
    }
    for (String counter : List.of("pgbench_transactions", "tmux_count", "dd_bytes")) {
      values.put(counter, String.valueOf(100 + step));
    }
    return new Glance(
        new GuestState(values), 10 + step, new HttpConnection.Answer(3, 1 + step, 99));
  }

  private static Glance with(Glance glance, String name, String value) {
    Map<String, String> values = new HashMap<>(glance.state().values());
    values.put(name, value);
    return new Glance(new GuestState(values), glance.ssh(), glance.http());
  }

  private static Optional<String> wrong(Glance before, Glance after, Glance later) {
    return Comparison.firstWrong(DebianComparison.of(before, after, later));
  }

  @Test
  void aMachineThatGoesOnIsRight() {
    assertThat(wrong(glance(0), glance(1), glance(2))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"boot_id", "postgres_pid", "pgbench_pid", "nginx_pid", "dd_pid"})
  void whatIsAnotherOneIsWrong(String name) {
    assertThat(wrong(glance(0), with(glance(1), name, "18"), glance(2)).orElseThrow())
        .contains("was 17 and is 18");
  }

  @ParameterizedTest
  @ValueSource(strings = {"pgbench_transactions", "tmux_count", "dd_bytes"})
  void whatStandsStillIsWrong(String name) {
    assertThat(wrong(glance(0), glance(1), with(glance(2), name, "101")).orElseThrow())
        .contains("100 before, then 101, then 101");
  }

  @Test
  void aFailedUnitIsWrong() {
    assertThat(wrong(glance(0), glance(1), with(glance(2), "failed_units", "1"))).isPresent();
    assertThat(wrong(glance(0), glance(1), with(glance(2), "system", "degraded"))).isPresent();
  }

  @Test
  void aConnectionThatWasMadeAnewIsWrong() {
    Glance after = glance(1);
    Glance anew = new Glance(after.state(), after.ssh(), new HttpConnection.Answer(4, 1, 99));
    assertThat(wrong(glance(0), anew, glance(2)).orElseThrow()).contains("nginx");
    Glance silent = new Glance(glance(2).state(), after.ssh(), glance(2).http());
    assertThat(wrong(glance(0), glance(1), silent).orElseThrow()).contains("ssh");
  }

  @Test
  void withoutUefiNobodyAsksForItsVariables() {
    assertThat(DebianComparison.of(bios(0), bios(1), bios(2)).toString()).doesNotContain("EFI");
    assertThat(wrong(bios(0), bios(1), bios(2))).isEmpty();
  }

  private static Glance bios(int step) {
    Glance glance = glance(step);
    Map<String, String> values = new HashMap<>(glance.state().values());
    values.keySet().removeIf(name -> name.startsWith("efi_"));
    return new Glance(new GuestState(values), glance.ssh(), glance.http());
  }
}
