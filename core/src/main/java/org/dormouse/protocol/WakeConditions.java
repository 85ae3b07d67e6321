package org.dormouse.protocol;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.dormouse.codec.Xxh64;
import org.dormouse.linux.BlockDevice;
import org.dormouse.linux.EfiRuntimeMap;
import org.dormouse.linux.FirmwareMemoryMap;
import org.dormouse.linux.Processor;
import org.dormouse.machine.DiskFacts;
import org.dormouse.machine.DiskUse;
import org.dormouse.machine.DiskUses;
import org.dormouse.machine.Disks;
import org.dormouse.machine.Finding;
import org.dormouse.machine.Fingerprint;
import org.dormouse.machine.Hardware;
import org.dormouse.machine.MachineFacts;
import org.dormouse.machine.Sighting;
import org.dormouse.machine.StaleCheck;
import org.dormouse.text.KeyValues;
import org.dormouse.text.ReportException;

/**
 * What has to be at a wake as it was at the sleep: processor, memory map, disks. The original
 * kernel says what it uses, the saver looks at it when the original kernel stands still and writes
 * it into the image, and looks again before it wakes the image.
 */
public final class WakeConditions {
  /** A line for each thing on a disk that the original kernel uses. */
  private static final String DISK = "disk";

  /** A line for each of these, with what it looked like. */
  private static final String FINGERPRINT = "fingerprint";

  /** What becomes of an image that is refused. */
  public enum Fate {
    /** Nobody can ever wake it. */
    TAKEN_AWAY,
    /** On another machine, or with the disk back in its place, it can be woken. */
    LEFT_ALONE
  }

  /**
   * Why an image must not be woken.
   *
   * @param why a sentence
   * @param fate what becomes of it
   */
  public record Refusal(String why, Fate fate) {}

  private WakeConditions() {}

  /** In the original kernel: what it runs on and uses, as lines of a request. */
  public static KeyValues ofOriginal(MachineFacts machine) throws IOException {
    KeyValues lines = machine.hardware().text();
    DiskUses disks = DiskUses.find(DiskFacts.observe(), Disks.real());
    for (DiskUse use : disks.uses()) {
      lines = lines.with(DISK, use.text());
    }
    return lines;
  }

  /**
   * In the saver, while the original kernel stands still: the conditions of a wake, as lines of an
   * image.
   *
   * @param request with the lines of {@link #ofOriginal}
   * @throws ReportException if a disk that the original kernel uses cannot be seen from here: it
   *     could not be checked at the wake either
   */
  public static KeyValues observe(KeyValues request) throws IOException {
    Hardware original = Hardware.parse(request);
    // The flags as this kernel names them: the same kernel compares them at the wake.
    Hardware hardware = new Hardware(Processor.read(), original.memoryMap(), original.efi());
    List<DiskUse> uses = request.all(DISK).stream().map(DiskUse::parse).toList();
    List<Sighting> seen = look(uses);
    throwBad(StaleCheck.beforeSleep(uses, seen));
    KeyValues lines = hardware.text();
    for (Sighting sighting : seen) {
      if (sighting instanceof Sighting.Seen(Fingerprint fingerprint)) {
        lines = lines.with(FINGERPRINT, fingerprint.text());
      }
    }
    return lines;
  }

  private static void throwBad(List<Finding> findings) throws ReportException {
    Optional<Finding> bad = firstBad(findings);
    if (bad.isPresent()) {
      throw new ReportException(bad.get().seen(), "There is no image.", bad.get().remedy());
    }
  }

  /**
   * In a saver that is to wake an image: whether all is as it was.
   *
   * @param details of the image, with the lines of {@link #observe}
   * @throws IllegalArgumentException if they make no sense
   */
  public static Optional<Refusal> check(KeyValues details) throws IOException {
    Hardware waking =
        new Hardware(Processor.read(), FirmwareMemoryMap.read(), EfiRuntimeMap.read());
    Optional<Finding> other = firstBad(Hardware.parse(details).compareWith(waking));
    if (other.isPresent()) {
      Finding finding = other.get();
      return Optional.of(new Refusal(finding.name() + ": " + finding.seen(), Fate.LEFT_ALONE));
    }
    List<Fingerprint> recorded = details.all(FINGERPRINT).stream().map(Fingerprint::parse).toList();
    List<Sighting> seen = look(recorded.stream().map(Fingerprint::use).toList());
    Optional<Finding> disk = firstBad(StaleCheck.beforeWake(recorded, seen));
    return disk.map(finding -> new Refusal(finding.seen(), fate(recorded, seen)));
  }

  /** An image is stale once any of its file systems has changed; a missing disk may come back. */
  public static Fate fate(List<Fingerprint> recorded, List<Sighting> seen) {
    for (int i = 0; i < recorded.size(); i++) {
      if (seen.get(i) instanceof Sighting.Seen(Fingerprint now)
          && now.digest() != recorded.get(i).digest()) {
        return Fate.TAKEN_AWAY;
      }
    }
    return Fate.LEFT_ALONE;
  }

  private static List<Sighting> look(List<DiskUse> uses) throws IOException {
    List<BlockDevice> devices = BlockDevice.all();
    List<Sighting> seen = new ArrayList<>();
    for (DiskUse use : uses) {
      seen.add(Sighting.of(use, devices, Disks.real(), Xxh64::of));
    }
    return seen;
  }

  private static Optional<Finding> firstBad(List<Finding> findings) {
    return findings.stream()
        .filter(finding -> finding.verdict() == Finding.Verdict.BAD)
        .findFirst();
  }
}
