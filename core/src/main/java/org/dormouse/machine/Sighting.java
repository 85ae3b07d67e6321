package org.dormouse.machine;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.ToLongFunction;
import org.dormouse.linux.BlockDevice;

/** What a kernel sees of something that another one on the same machine uses on a disk. */
public sealed interface Sighting {
  /** The disk is there and can be read; with the controller that it is on now. */
  record Seen(Fingerprint fingerprint) implements Sighting {}

  /** The disk is not there. */
  record Missing() implements Sighting {}

  /** Several disks may be it; their names. */
  record Ambiguous(List<String> names) implements Sighting {}

  /** The disk is there and cannot be read; why. */
  record Unreadable(String reason) implements Sighting {}

  /**
   * Looks at {@code use}.
   *
   * @param devices all that this kernel has
   * @param digest see {@link Fingerprint#take}
   */
  static Sighting of(
      DiskUse use, List<BlockDevice> devices, Disks disks, ToLongFunction<MemorySegment> digest) {
    return switch (use.disk().findAmong(devices)) {
      case DiskIdentity.Match.Missing missing -> new Missing();
      case DiskIdentity.Match.Ambiguous several ->
          new Ambiguous(several.devices().stream().map(BlockDevice::name).toList());
      case DiskIdentity.Match.Found found -> {
        try (Disks.Reader reader = disks.open(found.device())) {
          DiskUse here = use.onBus(found.device().hardware().bus());
          yield new Seen(Fingerprint.take(here, reader, digest));
        } catch (IOException e) {
          yield new Unreadable(e.getMessage());
        }
      }
    };
  }

  /** What is wrong with it, if anything is: the end of a sentence that names what it is. */
  default String fault() {
    return switch (this) {
      case Seen seen -> "";
      case Missing missing -> "the disk is not there";
      case Ambiguous several ->
          "several disks look like it (" + String.join(", ", several.names()) + ")";
      case Unreadable unreadable -> "the disk cannot be read: " + unreadable.reason();
    };
  }
}
