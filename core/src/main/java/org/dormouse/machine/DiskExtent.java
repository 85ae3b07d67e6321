package org.dormouse.machine;

import java.util.List;
import org.dormouse.linux.BlockDevice;
import org.dormouse.linux.DeviceMapper.Kind;

/**
 * A piece of a device that lies in one piece on a disk.
 *
 * @param start where on the device it starts, bytes
 * @param length bytes
 * @param disk the disk or partition
 * @param offset where on the disk it starts, bytes
 * @param kind how its bytes get there
 */
public record DiskExtent(long start, long length, BlockDevice disk, long offset, Kind kind) {
  /** Where on the device it ends, bytes. */
  public long end() {
    return start + length;
  }

  /** What of this piece lies in {@code length} bytes from {@code from}, counted from there. */
  public List<DiskExtent> part(long from, long length) {
    long first = Math.max(start, from);
    long last = Math.min(end(), from + length);
    return first < last
        ? List.of(new DiskExtent(first - from, last - first, disk, offset + first - start, kind))
        : List.of();
  }

  /**
   * The same piece of a device above.
   *
   * @param distance how much later it starts there, bytes
   * @param above how bytes get from there to this device
   */
  DiskExtent below(long distance, Kind above) {
    return new DiskExtent(
        start + distance, length, disk, offset, above == Kind.PLAIN ? kind : above);
  }
}
