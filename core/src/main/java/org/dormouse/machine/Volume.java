package org.dormouse.machine;

import java.util.ArrayList;
import java.util.List;
import org.dormouse.linux.BlockDevice;

/**
 * A device that holds something in use, and where its bytes lie on disks.
 *
 * @param device the device
 * @param kind what it holds, if that is known without looking: a file system as Linux calls it
 * @param about what it is used for, for people
 * @param extents sorted by start; with holes where a disk cannot be told (RAID, stripes)
 * @param inArray whether it is a member of an array of md
 */
record Volume(
    BlockDevice device, String kind, String about, List<Extent> extents, boolean inArray) {
  /**
   * A piece of a device that lies in one piece on a disk.
   *
   * @param start where on the device it starts, bytes
   * @param length bytes
   * @param disk the disk or partition
   * @param offset where on the disk it starts, bytes
   */
  record Extent(long start, long length, BlockDevice disk, long offset) {
    private long end() {
      return start + length;
    }

    /** What of this piece lies in {@code length} bytes from {@code from}, counted from there. */
    List<Extent> part(long from, long length) {
      long first = Math.max(start, from);
      long last = Math.min(end(), from + length);
      return first < last
          ? List.of(new Extent(first - from, last - first, disk, offset + first - start))
          : List.of();
    }

    /** The same piece of a device on which it starts {@code distance} bytes later. */
    Extent moved(long distance) {
      return new Extent(start + distance, length, disk, offset);
    }
  }

  /** Bytes of a disk. */
  record OnDisk(BlockDevice disk, ByteRanges ranges) {}

  /** Where {@code ranges} of the device lie; what lies on no known disk is left out. */
  List<OnDisk> locate(ByteRanges ranges) {
    List<OnDisk> located = new ArrayList<>();
    for (Extent extent : extents) {
      if (extent.start <= ranges.start() && ranges.end() <= extent.end()) {
        return List.of(new OnDisk(extent.disk, ranges.moved(extent.offset - extent.start)));
      }
    }
    for (ByteRanges single : ranges.single()) {
      for (Extent extent : extents) {
        for (Extent part : extent.part(single.start(), single.length())) {
          located.add(new OnDisk(part.disk, ByteRanges.of(part.offset, part.length)));
        }
      }
    }
    return located;
  }
}
