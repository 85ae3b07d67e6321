package org.dormouse.dump;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.dormouse.memory.Pages;

/**
 * The first two headers of a kdump-compressed file: {@code struct disk_dump_header}, a block of its
 * own, and {@code struct kdump_sub_header}, as makedumpfile 1.7.2 has them for x86-64 ({@code
 * diskdump_mod.h}; crash has the same in {@code diskdump.h}). Numbers are little-endian.
 *
 * <p>After the sub header and the notes come two bitmaps (what is RAM, what is in the file), a
 * descriptor of {@link #DESCRIPTOR_BYTES} for each page in the file, and the pages' data.
 *
 * @param status {@code DUMP_DH_*}: how most pages are compressed; not used for reading
 * @param subHeaderBlocks blocks from block 1 on that sub header and notes take
 * @param bitmapBlocks blocks of both bitmaps together
 * @param limit {@code max_mapnr}: the PFN after the last that the bitmaps tell of
 * @param cpus of the machine
 * @param physBase {@code phys_base} of the kernel: what its image lies off the place that it was
 *     linked for, in bytes
 * @param dumpLevel which kinds of pages were left out: {@code -d} of makedumpfile
 * @param vmcoreInfo where the text of VMCOREINFO lies
 * @param notes where the ELF notes lie
 */
record KdumpHeader(
    int status,
    int subHeaderBlocks,
    long bitmapBlocks,
    long limit,
    int cpus,
    long physBase,
    int dumpLevel,
    Stretch vmcoreInfo,
    Stretch notes) {
  /**
   * Bytes in the file.
   *
   * @param offset of the first
   * @param length how many
   */
  record Stretch(long offset, long length) {
    static final Stretch NONE = new Stretch(0, 0);
  }

  /** {@code block_size}: a page. */
  static final int BLOCK = Pages.SIZE;

  /** {@code sizeof(struct kdump_sub_header)}, version 6. */
  static final int SUB_HEADER_BYTES = 104;

  /** What is read of a file to know the headers. */
  static final int BYTES = BLOCK + SUB_HEADER_BYTES;

  /** {@code sizeof(struct page_desc)}: {@code off_t}, two ints, and the page's flags. */
  static final int DESCRIPTOR_BYTES = 24;

  // DUMP_DH_COMPRESSED_*, DUMP_DH_COMPRESSED_INCOMPLETE: of pages, and of the status.
  static final int RAW = 0;
  static final int ZLIB = 0x1;
  static final int LZO = 0x2;
  static final int SNAPPY = 0x4;
  static final int ZSTD = 0x20;
  private static final int INCOMPLETE = 0x8;

  private static final byte[] SIGNATURE = "KDUMP   ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] FLATTENED =
      "makedumpfile\0\0\0\0".getBytes(StandardCharsets.US_ASCII);

  private static final int VERSION = 6;

  /** The first version with the notes, which everything else is known from. */
  private static final int FIRST_VERSION_WITH_NOTES = 4;

  /** The first version with PFNs of 64 bits. */
  private static final int FIRST_VERSION_WITH_64_BITS = 6;

  // struct disk_dump_header
  private static final int H_VERSION = 8;
  private static final int H_SYSTEM_NAME = 12;
  private static final int H_STATUS = 424;
  private static final int H_BLOCK_SIZE = 428;
  private static final int H_SUB_HEADER_BLOCKS = 432;
  private static final int H_BITMAP_BLOCKS = 436;
  private static final int H_LIMIT = 440;
  private static final int H_CPUS = 460;

  // struct kdump_sub_header
  private static final int S_PHYS_BASE = BLOCK;
  private static final int S_DUMP_LEVEL = BLOCK + 8;
  private static final int S_SPLIT = BLOCK + 12;
  private static final int S_VMCOREINFO = BLOCK + 32;
  private static final int S_NOTES = BLOCK + 48;
  private static final int S_LIMIT_64 = BLOCK + 96;

  private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED;

  /** Whether a file that begins with these bytes is meant to be of this format. */
  static boolean begins(byte[] file) {
    return startsWith(file, SIGNATURE) || startsWith(file, FLATTENED);
  }

  /** Where the bitmaps begin, in bytes. */
  long bitmaps() {
    return (1L + subHeaderBlocks) * BLOCK;
  }

  /** Bytes of one bitmap. */
  long bitmapBytes() {
    return bitmapBlocks / 2 * BLOCK;
  }

  /** Where the descriptors begin, in bytes. */
  long descriptors() {
    return bitmaps() + bitmapBlocks * BLOCK;
  }

  /** Blocks that both bitmaps take for PFNs below {@code limit}. */
  static long bitmapBlocks(long limit) {
    long bits = (long) BLOCK * Byte.SIZE;
    return 2 * ((limit + bits - 1) / bits);
  }

  /**
   * Fills the first block and the sub header.
   *
   * @param systemName {@code struct new_utsname} of the kernel
   */
  void write(MemorySegment target, byte[] systemName) {
    MemorySegment.copy(SIGNATURE, 0, target, ValueLayout.JAVA_BYTE, 0, SIGNATURE.length);
    target.set(U32, H_VERSION, VERSION);
    MemorySegment.copy(
        systemName, 0, target, ValueLayout.JAVA_BYTE, H_SYSTEM_NAME, SystemName.BYTES);
    target.set(U32, H_STATUS, status);
    target.set(U32, H_BLOCK_SIZE, BLOCK);
    target.set(U32, H_SUB_HEADER_BLOCKS, subHeaderBlocks);
    target.set(U32, H_BITMAP_BLOCKS, (int) bitmapBlocks);
    target.set(U32, H_LIMIT, (int) Math.min(limit, 0xffff_ffffL));
    target.set(U32, H_CPUS, cpus);
    target.set(U64, S_PHYS_BASE, physBase);
    target.set(U32, S_DUMP_LEVEL, dumpLevel);
    writeStretch(target, S_VMCOREINFO, vmcoreInfo);
    writeStretch(target, S_NOTES, notes);
    target.set(U64, S_LIMIT_64, limit);
  }

  private static void writeStretch(MemorySegment target, int at, Stretch stretch) {
    target.set(U64, at, stretch.offset());
    target.set(U64, at + Long.BYTES, stretch.length());
  }

  /**
   * Reads the headers of a file.
   *
   * @param path of the file, for those who read an error
   * @param file its first {@link #BYTES}
   * @param fileBytes how long it is
   * @throws IOException if the file is not of a kind that can be read, or does not hold together
   */
  static KdumpHeader read(Path path, MemorySegment file, long fileBytes) throws IOException {
    byte[] begin = file.asSlice(0, FLATTENED.length).toArray(ValueLayout.JAVA_BYTE);
    if (startsWith(begin, FLATTENED)) {
      throw new CoreFormatException(
          path
              + " is flattened, as makedumpfile -F and QEMU write it: makedumpfile -R NEW < FILE"
              + " makes one of it that can be read");
    }
    if (!startsWith(begin, SIGNATURE)) {
      throw new CoreFormatException(path + " is no kdump-compressed file");
    }
    int version = file.get(U32, H_VERSION);
    checkVersion(path, version);
    checkMachine(path, file);
    if (file.get(U32, H_BLOCK_SIZE) != BLOCK) {
      throw new CoreFormatException(
          path + " has blocks of " + file.get(U32, H_BLOCK_SIZE) + " bytes");
    }
    checkWhole(path, file);
    long limit =
        version < FIRST_VERSION_WITH_64_BITS
            ? Integer.toUnsignedLong(file.get(U32, H_LIMIT))
            : file.get(U64, S_LIMIT_64);
    KdumpHeader header =
        new KdumpHeader(
            file.get(U32, H_STATUS),
            file.get(U32, H_SUB_HEADER_BLOCKS),
            Integer.toUnsignedLong(file.get(U32, H_BITMAP_BLOCKS)),
            limit,
            file.get(U32, H_CPUS),
            file.get(U64, S_PHYS_BASE),
            file.get(U32, S_DUMP_LEVEL),
            stretch(file, S_VMCOREINFO),
            stretch(file, S_NOTES));
    header.check(path, fileBytes);
    return header;
  }

  private static Stretch stretch(MemorySegment file, int at) {
    return new Stretch(file.get(U64, at), file.get(U64, at + Long.BYTES));
  }

  private static void checkVersion(Path path, int version) throws CoreFormatException {
    if (version < FIRST_VERSION_WITH_NOTES || version > VERSION) {
      throw new CoreFormatException(
          "%s has version %d of the kdump-compressed format; %d to %d are known here"
              .formatted(path, version, FIRST_VERSION_WITH_NOTES, VERSION));
    }
  }

  /** QEMU leaves the system's name empty. */
  private static void checkMachine(Path path, MemorySegment file) throws CoreFormatException {
    byte[] name = file.asSlice(H_SYSTEM_NAME, SystemName.BYTES).toArray(ValueLayout.JAVA_BYTE);
    String machine = SystemName.machine(name);
    if (!machine.isEmpty() && !machine.equals(SystemName.MACHINE)) {
      throw new CoreFormatException(path + " is of a machine that is not " + SystemName.MACHINE);
    }
  }

  private static void checkWhole(Path path, MemorySegment file) throws CoreFormatException {
    if ((file.get(U32, H_STATUS) & INCOMPLETE) != 0) {
      throw new CoreFormatException(path + " was not written to its end");
    }
    if (file.get(U32, S_SPLIT) != 0) {
      throw new CoreFormatException(
          path + " is one part of a dump: makedumpfile --reassemble PART... NEW joins them");
    }
  }

  private void check(Path path, long fileBytes) throws CoreFormatException {
    // The first test makes sure that the others do not overflow.
    boolean sane =
        subHeaderBlocks >= 1
            && limit > 0
            && limit <= KdumpFile.MOST_PAGES
            && bitmapBlocks % 2 == 0
            && bitmapBlocks >= bitmapBlocks(limit)
            && descriptors() <= fileBytes;
    if (!sane) {
      throw new CoreFormatException(
          "%s has bitmaps of %d blocks from block %d on for %d pages, and %d bytes in all"
              .formatted(path, bitmapBlocks, 1L + subHeaderBlocks, limit, fileBytes));
    }
    checkInside(path, notes, fileBytes, "notes");
    checkInside(path, vmcoreInfo, fileBytes, "VMCOREINFO");
  }

  private static void checkInside(Path path, Stretch stretch, long fileBytes, String what)
      throws CoreFormatException {
    if (stretch.offset() < 0
        || stretch.length() < 0
        || stretch.offset() > fileBytes
        || stretch.length() > fileBytes - stretch.offset()) {
      throw new CoreFormatException(
          "%s has %s of %d bytes at %d, and ends at %d: it was cut, or is none"
              .formatted(path, what, stretch.length(), stretch.offset(), fileBytes));
    }
  }

  private static boolean startsWith(byte[] bytes, byte[] beginning) {
    return bytes.length >= beginning.length
        && Arrays.equals(bytes, 0, beginning.length, beginning, 0, beginning.length);
  }
}
