package org.dormouse.lab.debian;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * LVM's volume group as Debian's installer makes it: one physical volume, with a root and a swap,
 * one after the other. LVM's own tools take block devices only, and a host may have none to give.
 * What is written is LVM2's on-disk format: {@code lib/format_text/layout.h} and {@code
 * lib/label/label.h} of LVM 2.03.
 *
 * @param bytes of the physical volume
 */
record VolumeGroup(long bytes) {
  /** Its name, and that of its volumes. */
  static final String NAME = "debian-vg";

  private static final String ROOT = "root";
  private static final String SWAP = "swap_1";

  private static final int SECTOR = Partition.SECTOR_BYTES;
  private static final long EXTENT = 4L << 20;

  /** Where the first extent begins: LVM's default. */
  private static final long DATA = 1L << 20;

  private static final long SWAP_BYTES = 512L << 20;

  /** The label is in one of the first four sectors; LVM writes the second one. */
  private static final int LABEL = SECTOR;

  private static final int LABEL_HEADER_BYTES = 32;
  private static final int CHECKED_FROM = 20;

  /** Where the text's area begins. Its header takes a sector. */
  private static final int AREA = 4096;

  private static final long AREA_BYTES = DATA - AREA;

  /** INITIAL_CRC. */
  private static final int INITIAL = 0xf597a6cf;

  /** CRC-32's polynomial, its bits reversed. */
  private static final int POLYNOMIAL = 0xedb88320;

  private static final byte[] AREA_MAGIC = " LVM2 x[5A%r0N*>".getBytes(StandardCharsets.US_ASCII);

  private static final String PHYSICAL_ID = "Dormou-seLa-bPhy-sica-lVol-ume0-000001";

  /** Where the root lies on the physical volume, bytes. */
  long rootOffset() {
    return DATA;
  }

  /** How long it is, bytes. */
  long rootBytes() {
    return rootExtents() * EXTENT;
  }

  /** Where the swap lies, bytes. */
  long swapOffset() {
    return DATA + rootBytes();
  }

  /** How long that is, bytes. */
  long swapBytes() {
    return SWAP_BYTES;
  }

  private long extents() {
    return (bytes - DATA) / EXTENT;
  }

  private long rootExtents() {
    return extents() - SWAP_BYTES / EXTENT;
  }

  /** Writes the physical volume's header and the group's description. */
  void writeTo(Path physicalVolume) throws IOException {
    ByteBuffer all = header();
    try (FileChannel file = FileChannel.open(physicalVolume, StandardOpenOption.WRITE)) {
      while (all.hasRemaining()) {
        file.write(all, all.position());
      }
    }
  }

  /** All that lies before the first extent, as far as it is used. */
  ByteBuffer header() {
    byte[] text = (description() + "\0").getBytes(StandardCharsets.US_ASCII);
    ByteBuffer all =
        ByteBuffer.allocate(AREA + SECTOR + text.length).order(ByteOrder.LITTLE_ENDIAN);
    label(all);
    area(all, text);
    all.put(AREA + SECTOR, text);
    return all;
  }

  private void label(ByteBuffer all) {
    all.position(LABEL);
    all.put("LABELONE".getBytes(StandardCharsets.US_ASCII));
    all.putLong(LABEL / SECTOR);
    int checksum = all.position();
    all.putInt(0).putInt(LABEL_HEADER_BYTES);
    all.put("LVM2 001".getBytes(StandardCharsets.US_ASCII));
    all.put(PHYSICAL_ID.replace("-", "").getBytes(StandardCharsets.US_ASCII));
    all.putLong(bytes);
    // Lists of places, each with an empty one at its end: data up to the end, then descriptions.
    all.putLong(DATA).putLong(0).putLong(0).putLong(0);
    all.putLong(AREA).putLong(AREA_BYTES).putLong(0).putLong(0);
    all.putInt(checksum, checksum(all, LABEL + CHECKED_FROM, SECTOR - CHECKED_FROM));
  }

  private static void area(ByteBuffer all, byte[] text) {
    all.position(AREA + Integer.BYTES);
    all.put(AREA_MAGIC).putInt(1);
    all.putLong(AREA).putLong(AREA_BYTES);
    all.putLong(SECTOR)
        .putLong(text.length)
        .putInt(checksum(ByteBuffer.wrap(text), 0, text.length))
        .putInt(0);
    all.putInt(AREA, checksum(all, AREA + Integer.BYTES, SECTOR - Integer.BYTES));
    all.rewind();
  }

  private static int checksum(ByteBuffer bytes, int begin, int length) {
    int value = INITIAL;
    for (int i = begin; i < begin + length; i++) {
      value ^= bytes.get(i) & 0xff;
      for (int bit = 0; bit < Byte.SIZE; bit++) {
        value = (value >>> 1) ^ ((value & 1) == 0 ? 0 : POLYNOMIAL);
      }
    }
    return value;
  }

  private String description() {
    return """
    %s {
    id = "Dormou-seLa-bVol-umeG-roup-0000-000001"
    seqno = 1
    format = "lvm2"
    status = ["RESIZEABLE", "READ", "WRITE"]
    flags = []
    extent_size = %d
    max_lv = 0
    max_pv = 0
    metadata_copies = 0
    physical_volumes {
    pv0 {
    id = "%s"
    device = "/dev/mapper/root_crypt"
    status = ["ALLOCATABLE"]
    flags = []
    dev_size = %d
    pe_start = %d
    pe_count = %d
    }
    }
    logical_volumes {
    %s%s}
    }
    contents = "Text Format Volume Group"
    version = 1
    description = ""
    creation_host = "debian"
    creation_time = 1700000000
    """
        .formatted(
            NAME,
            EXTENT / SECTOR,
            PHYSICAL_ID,
            bytes / SECTOR,
            DATA / SECTOR,
            extents(),
            volume(ROOT, 1, 0, rootExtents()),
            volume(SWAP, 2, rootExtents(), SWAP_BYTES / EXTENT));
  }

  private static String volume(String name, int number, long firstExtent, long extents) {
    return """
    %s {
    id = "Dormou-seLa-bLog-ical-Volu-me00-00000%d"
    status = ["READ", "WRITE", "VISIBLE"]
    flags = []
    creation_time = 1700000000
    creation_host = "debian"
    segment_count = 1
    segment1 {
    start_extent = 0
    extent_count = %d
    type = "striped"
    stripe_count = 1
    stripes = [
    "pv0", %d
    ]
    }
    }
    """
        .formatted(name, number, extents, firstExtent);
  }
}
