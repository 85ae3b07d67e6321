package org.dormouse.boot;

import static org.dormouse.boot.LittleEndian.U16;
import static org.dormouse.boot.LittleEndian.U32;
import static org.dormouse.boot.LittleEndian.U64;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** The file of a kernel that has a good header and does nothing. */
public final class FakeKernel {
  /** Bytes of protected-mode code, each of which is {@link #CODE_BYTE}. */
  public static final int CODE_SIZE = 5 * 4096 + 48;

  public static final byte CODE_BYTE = 0x5a;
  public static final long INIT_SIZE = 17L << 20;
  public static final int COMMAND_LINE_LIMIT = 2047;

  static final int CODE_START = 1024;

  private FakeKernel() {}

  /** Like Debian's: relocatable, aligned to 2 MiB, not below 16 MiB, able to do 5-level paging. */
  public static MemorySegment file() {
    MemorySegment file = Arena.ofAuto().allocate(CODE_START + CODE_SIZE);
    file.set(ValueLayout.JAVA_BYTE, 0x1ef, (byte) 0xff); // the sentinel, not to be copied
    file.set(ValueLayout.JAVA_BYTE, 0x1f1, (byte) 1);
    file.set(U32, 0x1f4, CODE_SIZE / 16);
    file.set(U16, 0x1fe, (short) 0xaa55);
    file.set(ValueLayout.JAVA_BYTE, 0x201, (byte) 0x6a);
    file.set(U32, 0x202, 0x53726448);
    file.set(U16, 0x206, (short) 0x020f);
    file.set(U16, 0x20e, (short) 0x100);
    file.set(ValueLayout.JAVA_BYTE, 0x211, (byte) 0x20);
    file.set(U32, 0x230, 2 << 20);
    file.set(ValueLayout.JAVA_BYTE, 0x234, (byte) 1);
    file.set(U16, 0x236, (short) 0x63);
    file.set(U32, 0x238, COMMAND_LINE_LIMIT);
    file.set(U64, 0x258, 16L << 20);
    file.set(U32, 0x260, (int) INIT_SIZE);
    byte[] version = "6.12.117-fake (me@here) #1 SMP\0".getBytes(StandardCharsets.US_ASCII);
    MemorySegment.copy(version, 0, file, ValueLayout.JAVA_BYTE, 0x300, version.length);
    file.asSlice(CODE_START).fill(CODE_BYTE);
    return file;
  }

  /** The kernel in {@link #file}. */
  public static BzImage kernel() {
    try {
      return BzImage.parse(file());
    } catch (BootFormatException e) {
      throw new AssertionError(e);
    }
  }
}
