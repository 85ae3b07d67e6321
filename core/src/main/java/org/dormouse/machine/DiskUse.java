package org.dormouse.machine;

import java.util.List;

/**
 * Something on a disk that the sleeping machine goes on using when it wakes, and where its disk
 * shows whether anybody else has.
 *
 * @param disk the disk or partition
 * @param kind what it is: a file system as Linux calls it, {@code swap}, {@code LVM2_member}
 * @param about what it is used for, for people: {@code mounted on /}
 * @param watched the bytes of the disk that change when it is mounted or written
 */
public record DiskUse(DiskIdentity disk, String kind, String about, List<ByteRanges> watched) {
  /** Copies the list. */
  public DiskUse {
    watched = List.copyOf(watched);
  }

  /** The same with its disk on the controller with this PCI address; empty if unknown. */
  DiskUse onBus(String bus) {
    return new DiskUse(
        new DiskIdentity(disk.wwid(), disk.serial(), disk.start(), disk.size(), bus, disk.name()),
        kind,
        about,
        watched);
  }

  /** As one line of text without control characters. */
  public String text() {
    return words().toString();
  }

  Words words() {
    return new Words()
        .with("name", disk.name())
        .with("wwid", disk.wwid())
        .with("serial", disk.serial())
        .with("start", disk.start())
        .with("size", disk.size())
        .with("bus", disk.bus())
        .with("kind", kind)
        .with("about", about)
        .with("watched", ByteRanges.text(watched));
  }

  /**
   * Reads what {@link #text} writes.
   *
   * @throws IllegalArgumentException if it is not that
   */
  public static DiskUse parse(String line) {
    return of(Words.parse(line));
  }

  static DiskUse of(Words words) {
    return new DiskUse(
        new DiskIdentity(
            words.text("wwid"),
            words.text("serial"),
            words.number("start"),
            words.number("size"),
            words.text("bus"),
            words.text("name")),
        words.text("kind"),
        words.text("about"),
        ByteRanges.parse(words.text("watched")));
  }

  /** For people: {@code /dev/sda2, ext4, mounted on /}. */
  public String described() {
    return "/dev/" + disk.name() + ", " + kind + (about.isEmpty() ? "" : ", " + about);
  }
}
