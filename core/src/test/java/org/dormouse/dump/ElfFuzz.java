package org.dormouse.dump;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.dormouse.fuzz.Bounds;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * ELF cores that are anything but that.
 *
 * <p>An input is the file's length (4 bytes, little-endian, up to {@link #MOST_BYTES}), then what
 * it begins with; a hole is behind that. So headers may lead to memory that is as cheap as it is
 * long.
 */
class ElfFuzz {
  private static final int MOST_BYTES = 1 << 20;
  private static final int HEAD_BYTES = 4;
  private static final String INFO = "OSRELEASE=6.1\nPAGESIZE=4096\nNUMBER(phys_base)=4096\n";

  private static final DumpLook LOOK = DumpLook.in("elf");

  static Stream<Arguments> files() {
    byte[] some = new byte[300];
    List<byte[]> cores =
        List.of(
            new byte[0],
            new ElfBytes().bytes(),
            new ElfBytes().note("VMCOREINFO", INFO).load(0x1000, -1 << 30, some, 8192).bytes(),
            new ElfBytes()
                .note("CORE", "registers")
                .load(0, 0, some, 65536)
                .load(0x800, 1L << 47, some, 4096)
                .load(1L << 40, 0, some, 12288)
                .bytes(),
            new ElfBytes().padded((byte) 9).load(0x10_0000, -4096, some).bytes());
    List<byte[]> inputs = new ArrayList<>();
    for (byte[] core : cores) {
      inputs.add(input(core.length, core));
      inputs.add(input(MOST_BYTES / 8, stored(core)));
    }
    return inputs.stream().map(Arguments::of);
  }

  private static byte[] input(int length, byte[] start) {
    return ByteBuffer.allocate(HEAD_BYTES + start.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(length)
        .put(start)
        .array();
  }

  /** The same with all of each load's memory in the file. */
  private static byte[] stored(byte[] core) {
    ByteBuffer bytes = ByteBuffer.wrap(core.clone()).order(ByteOrder.LITTLE_ENDIAN);
    int count = core.length == 0 ? 0 : bytes.getShort(56);
    for (int header = 64; header < 64 + 56 * count; header += 56) {
      if (bytes.getInt(header) == 1) {
        bytes.putLong(header + 32, bytes.getLong(header + 40));
      }
    }
    return bytes.array();
  }

  @MethodSource("files")
  @FuzzTest
  void whateverAnElfCoreSaysIsReadOrRefused(byte[] input) throws Exception {
    if (input.length < HEAD_BYTES) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN);
    long length = Integer.remainderUnsigned(bytes.getInt(), MOST_BYTES + 1);
    Path file = LOOK.write(bytes.slice(), length);
    Bounds.hold(() -> LOOK.at(ElfCoreFile.open(file)));
  }
}
