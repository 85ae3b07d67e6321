package org.dormouse.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.dormouse.machine.ByteRanges;
import org.dormouse.machine.DiskIdentity;
import org.dormouse.machine.DiskUse;
import org.dormouse.machine.Fingerprint;
import org.dormouse.machine.Sighting;
import org.dormouse.protocol.WakeConditions.Fate;
import org.junit.jupiter.api.Test;

/** An image that must not be woken now is taken away only if it can never be woken. */
class WakeConditionsTest {
  private static final Fingerprint ROOT = fingerprint("vda", 1);
  private static final Fingerprint HOME = fingerprint("vdb", 2);
  private static final Sighting SAME = new Sighting.Seen(ROOT);
  private static final Sighting CHANGED = new Sighting.Seen(fingerprint("vdb", 3));

  private static Fingerprint fingerprint(String disk, long digest) {
    return new Fingerprint(
        new DiskUse(
            new DiskIdentity("", "serial", 0, 1 << 20, "", disk),
            "ext4",
            "mounted on /",
            List.of(ByteRanges.of(1024, 1024))),
        digest);
  }

  private static Fate fate(Sighting home) {
    return WakeConditions.fate(List.of(ROOT, HOME), List.of(SAME, home));
  }

  @Test
  void anImageWhoseFileSystemHasChangedIsTakenAway() {
    assertThat(fate(CHANGED)).isEqualTo(Fate.TAKEN_AWAY);
  }

  @Test
  void aDiskThatIsMissingOrCannotBeReadMayComeBack() {
    assertThat(fate(new Sighting.Missing())).isEqualTo(Fate.LEFT_ALONE);
    assertThat(fate(new Sighting.Unreadable("no medium"))).isEqualTo(Fate.LEFT_ALONE);
    assertThat(fate(new Sighting.Ambiguous(List.of("vdb", "vdc")))).isEqualTo(Fate.LEFT_ALONE);
  }

  @Test
  void oneChangedFileSystemIsEnoughWhateverElseIsMissing() {
    assertThat(WakeConditions.fate(List.of(ROOT, HOME), List.of(new Sighting.Missing(), CHANGED)))
        .isEqualTo(Fate.TAKEN_AWAY);
  }
}
