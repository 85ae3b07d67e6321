package org.dormouse.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Where on its device a file lies: {@code FS_IOC_FIEMAP}. Layouts and flags: {@code
 * include/uapi/linux/fiemap.h}.
 */
public final class FileExtents {
  // _IOWR('f', 11, struct fiemap)
  private static final long FS_IOC_FIEMAP = 0xc020660bL;

  private static final int FLAG_SYNC = 1;

  // struct fiemap
  private static final int HEAD_BYTES = 32;
  private static final int LENGTH = 8;
  private static final int FLAGS = 16;
  private static final int MAPPED = 20;
  private static final int COUNT = 24;

  // struct fiemap_extent
  private static final int EXTENT_BYTES = 56;
  private static final int PHYSICAL = 8;
  private static final int EXTENT_LENGTH = 16;
  private static final int EXTENT_FLAGS = 40;
  private static final int EXTENT_LAST = 1;

  /** How many are asked for at once. */
  private static final int AT_ONCE = 512;

  /** More are not read: whoever wants to know where a file lies has long seen that it is torn. */
  private static final int MOST = 1 << 16;

  private FileExtents() {}

  /** What is special about an extent. */
  public enum Flag {
    /** Its place is not known, or it has none yet. */
    UNKNOWN(0x2),
    /** It is still to be written, and has no place. */
    DELAYED(0x4),
    /** What lies there is compressed or encrypted. */
    ENCODED(0x8 | 0x80),
    /** It does not lie at whole blocks: within metadata, or the end of another file's block. */
    UNALIGNED(0x100 | 0x200 | 0x400),
    /** It reads as zeros, whatever lies there. */
    UNWRITTEN(0x800),
    /** Other files lie there too. */
    SHARED(0x2000);

    private final int bits;

    Flag(int bits) {
      this.bits = bits;
    }

    private static Set<Flag> of(int bits) {
      EnumSet<Flag> flags = EnumSet.noneOf(Flag.class);
      for (Flag flag : values()) {
        if ((bits & flag.bits) != 0) {
          flags.add(flag);
        }
      }
      return flags;
    }
  }

  /**
   * A piece of a file.
   *
   * @param start where in the file it starts, bytes
   * @param offset where on the device of the file system it starts, bytes
   * @param length bytes
   * @param flags what is special about it
   */
  public record Extent(long start, long offset, long length, Set<Flag> flags) {
    /** Copies the set. */
    public Extent {
      flags = Set.copyOf(flags);
    }
  }

  /**
   * The extents of a file, in order; a hole has none. What is still to be written to it is written
   * first.
   *
   * @throws LinuxException if its file system does not tell
   * @throws IOException if there are more than 65536
   */
  public static List<Extent> of(Path file) throws IOException {
    List<Extent> extents = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment call = arena.allocate(HEAD_BYTES + AT_ONCE * EXTENT_BYTES, Long.BYTES);
      boolean ended = false;
      for (long from = 0; !ended; ) {
        call.fill((byte) 0);
        call.set(ValueLayout.JAVA_LONG, 0, from);
        call.set(ValueLayout.JAVA_LONG, LENGTH, Long.MAX_VALUE - from);
        call.set(ValueLayout.JAVA_INT, FLAGS, FLAG_SYNC);
        call.set(ValueLayout.JAVA_INT, COUNT, AT_ONCE);
        Ioctl.on(file, Ioctl.Access.READ, "extents of " + file, FS_IOC_FIEMAP, call);
        int mapped = Math.min(call.get(ValueLayout.JAVA_INT, MAPPED), AT_ONCE);
        ended = mapped <= 0;
        for (int i = 0; i < mapped; i++) {
          MemorySegment raw = call.asSlice(HEAD_BYTES + (long) i * EXTENT_BYTES, EXTENT_BYTES);
          Extent extent = extent(raw);
          extents.add(extent);
          from = extent.start + extent.length;
          ended |= (raw.get(ValueLayout.JAVA_INT, EXTENT_FLAGS) & EXTENT_LAST) != 0;
        }
        if (extents.size() > MOST) {
          throw new IOException(file + " lies in more than " + MOST + " pieces");
        }
      }
    }
    return extents;
  }

  private static Extent extent(MemorySegment raw) {
    return new Extent(
        raw.get(ValueLayout.JAVA_LONG, 0),
        raw.get(ValueLayout.JAVA_LONG, PHYSICAL),
        raw.get(ValueLayout.JAVA_LONG, EXTENT_LENGTH),
        Flag.of(raw.get(ValueLayout.JAVA_INT, EXTENT_FLAGS)));
  }
}
