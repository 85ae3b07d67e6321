package org.dormouse.lab.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a saver is warmed and unloaded, as systemd reads it: {@code systemd.service(5)}. */
class UnitsTest {
  private static List<String> lines(String unit) throws IOException {
    return PackageTree.resource(unit).lines().filter(line -> !line.startsWith("#")).toList();
  }

  @Test
  void aSaverIsUnloadedWhateverBecameOfTheArming() throws Exception {
    // A oneshot whose ExecStart fails runs no ExecStop: so it is not in the unit that arms.
    assertThat(lines("dormouse-arm.service"))
        .contains("ExecStart=/usr/sbin/dormouse arm --if-configured", "RemainAfterExit=yes")
        .noneMatch(line -> line.startsWith("ExecStop"));
    assertThat(lines("dormouse-disarm.service"))
        .contains(
            "Type=oneshot",
            "RemainAfterExit=yes",
            "ExecStart=/bin/true",
            "ExecStop=-/usr/sbin/dormouse disarm",
            "RequiresMountsFor=/usr/lib/dormouse",
            "WantedBy=multi-user.target")
        // With them it is stopped at a shutdown, before disks are unmounted.
        .noneMatch(line -> line.startsWith("DefaultDependencies"));
  }

  @Test
  void whatIsOrderedBehindItEndsBeforeIt() throws Exception {
    assertThat(lines("dormouse-arm.service"))
        .contains("After=dormouse-disarm.service", "Wants=dormouse-disarm.service");
    assertThat(lines("dormouse-disarm.service")).contains("Before=systemd-user-sessions.service");
  }

  @Test
  void theProcessThatStaysEndsBehindIt() throws Exception {
    assertThat(PackageTree.resource("systemd-sleep"))
        .contains("--property=Before=dormouse-disarm.service ");
  }
}
