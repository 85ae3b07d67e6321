package org.dormouse.machine;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dormouse.linux.BlockDevice;
import org.dormouse.machine.Volume.OnDisk;
import org.dormouse.memory.Pages;

/**
 * What a machine uses on which disks, and where these show whether anybody else has used it.
 *
 * <p>Each device in use is looked at through itself, where what is encrypted can be read; what is
 * to be watched is then followed down to the disks, where a kernel that knows neither volumes nor
 * keys can read the same bytes.
 *
 * @param uses one for each device in use, or below one, and each disk on which it has something to
 *     watch
 * @param unwatched what is in use and cannot be watched, for people
 */
public record DiskUses(List<DiskUse> uses, List<String> unwatched) {
  /** Copies the lists. */
  public DiskUses {
    uses = List.copyOf(uses);
    unwatched = List.copyOf(unwatched);
  }

  /**
   * Finds them.
   *
   * @param disks to look at what the devices hold
   */
  public static DiskUses find(DiskFacts facts, Disks disks) {
    VolumePlan plan = VolumePlan.of(facts);
    List<DiskUse> uses = new ArrayList<>();
    List<String> unwatched = new ArrayList<>(plan.unknown());
    for (Volume volume : plan.volumes()) {
      try {
        uses.addAll(uses(volume, look(volume.device(), disks)));
      } catch (IOException e) {
        unwatched.add("/dev/" + volume.device().name() + ": " + e.getMessage());
      }
    }
    return new DiskUses(uses, unwatched);
  }

  private static Superblock look(BlockDevice device, Disks disks) throws IOException {
    long size = Pages.alignDown(device.place().size(), Disks.ALIGNMENT);
    try (Arena arena = Arena.ofConfined();
        Disks.Reader reader = disks.open(device)) {
      MemorySegment head = arena.allocate(Math.min(size, Superblock.HEAD_BYTES), Disks.ALIGNMENT);
      reader.read(0, head);
      return Superblock.of(head, size);
    }
  }

  /** Which bytes of which disks show whether {@code volume}, which holds {@code found}, changes. */
  static List<DiskUse> uses(Volume volume, Superblock found) {
    List<ByteRanges> changing = new ArrayList<>(found.changing());
    if (volume.inArray()) {
      changing.addAll(Superblock.raidAtTheEnd(volume.device().place().size()));
    }
    Map<BlockDevice, List<ByteRanges>> watched = new LinkedHashMap<>();
    for (ByteRanges ranges : changing) {
      for (OnDisk located : volume.locate(ranges)) {
        watched.computeIfAbsent(located.disk(), any -> new ArrayList<>()).add(located.ranges());
      }
    }
    String kind = volume.kind().isEmpty() ? found.kind() : volume.kind();
    return watched.entrySet().stream()
        .map(
            entry ->
                new DiskUse(
                    DiskIdentity.of(entry.getKey()),
                    kind.isEmpty() ? "data" : kind,
                    volume.about(),
                    entry.getValue()))
        .toList();
  }

  /** What to tell of this before a sleep. */
  public Finding finding() {
    String name = "disks in use";
    return unwatched.isEmpty()
        ? Finding.good(name, uses.size() + " things on disks are watched while the machine sleeps")
        : Finding.warning(
            name,
            "not watched, so that nobody notices if another system writes to it: "
                + String.join("; ", unwatched),
            "do not start another system that uses it before this one is awake again");
  }
}
