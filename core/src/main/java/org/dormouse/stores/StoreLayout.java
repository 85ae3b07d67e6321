package org.dormouse.stores;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.dormouse.linux.BlockDevice;
import org.dormouse.linux.DeviceMapper.Kind;
import org.dormouse.linux.FileExtents;
import org.dormouse.linux.FileExtents.Flag;
import org.dormouse.machine.DiskExtent;
import org.dormouse.memory.Pages;
import org.dormouse.store.Extent;
import org.dormouse.store.Store;
import org.dormouse.store.StoreMap;
import org.dormouse.store.StoreMap.Content;
import org.dormouse.text.Quantity;
import org.dormouse.text.ReportException;

/**
 * Where on which disk a file or volume lies: the pieces of a file on the device of its file system,
 * and the pieces of that device on disks, put together. Pure.
 *
 * @param map as it is to stand in front of the store
 * @param disk the disk or partition
 */
record StoreLayout(StoreMap map, BlockDevice disk) {
  private static final String UNTOUCHED = "Nothing was written.";

  /**
   * What is put together.
   *
   * @param name of the file or volume
   * @param bytes its length
   * @param pieces where its bytes lie on the device
   * @param device where the bytes of the device lie on disks, with holes where that is not known
   * @param targets what the device mapper calls what the device is made of
   */
  record Seen(
      Path name,
      long bytes,
      List<FileExtents.Extent> pieces,
      List<DiskExtent> device,
      List<String> targets) {}

  /**
   * Puts it together.
   *
   * @throws ReportException if something of it lies where a saver could not write it
   */
  static StoreLayout of(Seen seen) throws ReportException {
    List<DiskExtent> located = new ArrayList<>();
    long end = 0;
    for (FileExtents.Extent piece : seen.pieces) {
      if (piece.start() != end) {
        throw refused(seen, "has a hole at byte " + end, OTHER_FILE);
      }
      check(seen, piece);
      long length = Math.min(piece.length(), seen.bytes - piece.start());
      located.addAll(onDisk(seen, piece, length));
      end += length;
    }
    if (end != seen.bytes) {
      throw refused(seen, "has a hole at byte " + end, OTHER_FILE);
    }
    return of(seen, located);
  }

  private static final String OTHER_FILE =
      "Have Dormouse make the file: dormouse store create, on ext4 or xfs.";

  private static void check(Seen seen, FileExtents.Extent piece) throws ReportException {
    Set<Flag> flags = piece.flags();
    if (flags.contains(Flag.SHARED)) {
      throw refused(seen, "shares blocks with other files (reflinks, snapshots)", OTHER_FILE);
    }
    if (flags.contains(Flag.ENCODED)) {
      throw refused(seen, "is compressed or encrypted by its file system", OTHER_FILE);
    }
    if (flags.contains(Flag.DELAYED) || flags.contains(Flag.UNKNOWN)) {
      throw refused(seen, "has bytes whose place on the disk is not known", OTHER_FILE);
    }
    boolean whole =
        ((piece.start() | piece.offset() | piece.length()) & (Store.ALIGNMENT - 1)) == 0;
    if (flags.contains(Flag.UNALIGNED) || !whole) {
      throw refused(seen, "does not lie at whole blocks of 4096 bytes", OTHER_FILE);
    }
  }

  /** The place of a piece of the device on disks. */
  private static List<DiskExtent> onDisk(Seen seen, FileExtents.Extent piece, long length)
      throws ReportException {
    List<DiskExtent> parts =
        seen.device.stream()
            .flatMap(extent -> extent.part(piece.offset(), length).stream())
            .toList();
    long end = 0;
    for (DiskExtent part : parts) {
      if (part.start() != end) {
        throw unknownPlace(seen);
      }
      end = part.end();
    }
    if (end != length) {
      throw unknownPlace(seen);
    }
    return parts;
  }

  private static ReportException unknownPlace(Seen seen) {
    String made = String.join(", ", seen.targets);
    return refused(
        seen,
        "lies on a device whose bytes cannot be followed down to a disk"
            + (made.isEmpty() ? "" : " (" + made + ")"),
        "A saver writes to disks, partitions, LVM's linear volumes and below dm-crypt; not to RAID,"
            + " stripes, thin volumes, snapshots or authenticated encryption. Name a partition.");
  }

  private static StoreLayout of(Seen seen, List<DiskExtent> located) throws ReportException {
    BlockDevice disk = located.getFirst().disk();
    Content content = Content.ANY;
    List<Extent> extents = new ArrayList<>();
    for (DiskExtent each : located) {
      if (!each.disk().equals(disk)) {
        throw refused(
            seen,
            "lies on several disks, " + disk.node() + " and " + each.disk().node(),
            "Have it on one of them, or name a partition.");
      }
      if (each.kind() == Kind.ENCRYPTED) {
        content = Content.SEALED;
      }
      append(extents, each.offset(), each.length());
    }
    if (extents.size() > StoreMap.MOST_EXTENTS) {
      throw refused(
          seen,
          "lies in " + extents.size() + " pieces, and " + StoreMap.MOST_EXTENTS + " can be told",
          "Make room on its file system, so that larger pieces are free, or make it smaller.");
    }
    try {
      return new StoreLayout(
          new StoreMap(seen.name.toString(), disk.place().size(), content, extents), disk);
    } catch (IllegalArgumentException e) {
      throw refused(seen, "cannot be a store: " + e.getMessage(), OTHER_FILE);
    }
  }

  /** Adds a piece, or makes the last one longer. */
  private static void append(List<Extent> extents, long offset, long length)
      throws ReportException {
    if (!extents.isEmpty() && extents.getLast().end() == offset) {
      Extent last = extents.removeLast();
      extents.add(new Extent(last.offset(), last.length() + length));
    } else {
      extents.add(new Extent(offset, length));
    }
  }

  /**
   * Refuses a layout whose first piece has no room for what an ordinary boot reads of a store in
   * one go.
   *
   * @param needed from the store's first byte on, in bytes
   */
  void checkFirstPiece(long needed) throws ReportException {
    long first = map.firstPieceBytes();
    if (first < Math.min(needed, map.storeBytes())) {
      throw new ReportException(
          String.format(
              "the first piece of %s has %s, and the saver's files, which lie there, take %s",
              map.file(),
              Quantity.bytes(Pages.alignDown(first, Pages.SIZE)),
              Quantity.bytes(needed)),
          UNTOUCHED,
          "Make it anew (dormouse store remove, dormouse store create), with more room free on its"
              + " file system.");
    }
  }

  private static ReportException refused(Seen seen, String why, String remedy) {
    return new ReportException(seen.name + " " + why, UNTOUCHED, remedy);
  }
}
