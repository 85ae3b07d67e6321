package org.dormouse.machine;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether the disks are as the sleeping machine left them: a pure function of what was recorded and
 * what is seen. A machine that wakes to disks that another one has written to destroys what is on
 * them.
 */
public final class StaleCheck {
  private static final String NAME = "disks";

  private StaleCheck() {}

  /**
   * What hinders a sleep: what is not seen when the fingerprints are taken could not be checked at
   * the wake.
   *
   * @param seen one for each of {@code uses}, in the same order
   */
  public static List<Finding> beforeSleep(List<DiskUse> uses, List<Sighting> seen) {
    checkSameLength(uses, seen);
    List<Finding> findings = new ArrayList<>();
    for (int i = 0; i < uses.size(); i++) {
      if (!(seen.get(i) instanceof Sighting.Seen)) {
        findings.add(
            Finding.bad(
                NAME,
                uses.get(i).described() + ": " + seen.get(i).fault() + ", for the saver",
                "unmount it, or give the saver kernel the driver of this disk"));
      }
    }
    return good(findings, uses.size() + " things on disks can be watched");
  }

  /**
   * What hinders a wake: first what has been written to, which hinders it for good, then what could
   * be put right.
   *
   * @param seen one for each of {@code recorded}, in the same order
   */
  public static List<Finding> beforeWake(List<Fingerprint> recorded, List<Sighting> seen) {
    checkSameLength(recorded, seen);
    List<Finding> findings = new ArrayList<>();
    List<Finding> curable = new ArrayList<>();
    for (int i = 0; i < recorded.size(); i++) {
      Fingerprint then = recorded.get(i);
      String thing = then.use().described() + ": ";
      if (!(seen.get(i) instanceof Sighting.Seen now)) {
        curable.add(
            Finding.bad(
                NAME,
                thing + seen.get(i).fault(),
                "put the disk back as it was and wake the machine again, or discard the image"));
      } else if (now.fingerprint().digest() != then.digest()) {
        findings.add(
            Finding.bad(
                NAME,
                thing + "another system has written to it since",
                "the image must not be woken any more: discard it and boot"));
      } else if (hasMoved(then, now.fingerprint())) {
        // The sleeping kernel's driver would write to whatever is in the old place now.
        curable.add(
            Finding.bad(
                NAME,
                thing
                    + "the disk has moved, from "
                    + then.use().disk().bus()
                    + " to "
                    + now.fingerprint().use().disk().bus(),
                "put the disk back where it was and wake the machine again, or discard the image"));
      }
    }
    findings.addAll(curable);
    return good(findings, recorded.size() + " things on disks are as they were");
  }

  private static boolean hasMoved(Fingerprint then, Fingerprint now) {
    String from = then.use().disk().bus();
    String to = now.use().disk().bus();
    return !from.isEmpty() && !to.isEmpty() && !from.equals(to);
  }

  private static List<Finding> good(List<Finding> findings, String seen) {
    return findings.isEmpty() ? List.of(Finding.good(NAME, seen)) : List.copyOf(findings);
  }

  private static void checkSameLength(List<?> one, List<?> other) {
    if (one.size() != other.size()) {
      throw new IllegalArgumentException(one.size() + " things, " + other.size() + " sightings");
    }
  }
}
