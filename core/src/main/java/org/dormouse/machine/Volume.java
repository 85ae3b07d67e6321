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
    BlockDevice device, String kind, String about, List<DiskExtent> extents, boolean inArray) {
  /** Bytes of a disk. */
  record OnDisk(BlockDevice disk, ByteRanges ranges) {}

  /** Where {@code ranges} of the device lie; what lies on no known disk is left out. */
  List<OnDisk> locate(ByteRanges ranges) {
    List<OnDisk> located = new ArrayList<>();
    for (DiskExtent extent : extents) {
      if (extent.start() <= ranges.start() && ranges.end() <= extent.end()) {
        return List.of(new OnDisk(extent.disk(), ranges.moved(extent.offset() - extent.start())));
      }
    }
    for (ByteRanges single : ranges.single()) {
      for (DiskExtent extent : extents) {
        for (DiskExtent part : extent.part(single.start(), single.length())) {
          located.add(new OnDisk(part.disk(), ByteRanges.of(part.offset(), part.length())));
        }
      }
    }
    return located;
  }
}
