package org.dormouse.dump;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.dormouse.fuzz.Bounds;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Kdump-compressed files in which anything may be wrong. There is no checksum to be made right but
 * those within zlib's and Zstandard's data.
 *
 * <p>An input is the number of a sample, then edits of {@link #EDIT_BYTES}: what, how, where (2
 * bytes), a value (8 bytes), little-endian.
 */
class KdumpFuzz {
  private static final int EDIT_BYTES = 12;
  private static final int MOST_EDITS = 16;
  private static final int MOST_BYTES = 4 << 20;

  // Where things are in the samples: two headers of a block, two bitmaps of a block.
  private static final int SUB_HEADER = 4096;
  private static final int BITMAPS = 2 * 4096;
  private static final int DESCRIPTORS = 4 * 4096;

  private static final DumpLook LOOK = DumpLook.in("kdump");
  private static final List<byte[]> SAMPLES = samples();

  private enum Part {
    HEADER,
    SUB_HEADER,
    NOTES,
    BITMAP,
    DESCRIPTOR,
    DATA,
    LENGTH
  }

  private static List<byte[]> samples() {
    SmallMemory memory = new SmallMemory(SmallMemory.ranges(1, 40, 3, 30), 5, 4711);
    List<byte[]> samples = new ArrayList<>();
    try {
      for (KdumpWriter.Compression compression : KdumpWriter.Compression.values()) {
        Path folder = Files.createTempDirectory("dormouse-fuzz-");
        Path path = folder.resolve("sample");
        KdumpWriter.write(
            memory.contents(new CoreDescription(List.of(), SmallMemory.NOTES)),
            path,
            new KdumpWriter.Options(compression, 1, 0),
            // A lambda of this class would wait for the class, and the class for it.
            new LongAdder()::add);
        samples.add(Files.readAllBytes(path));
        Files.delete(path);
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new IllegalStateException("the samples cannot be made", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the samples were not made", e);
    }
    return samples;
  }

  static Stream<Arguments> recipes() {
    List<byte[]> recipes = new ArrayList<>();
    for (int sample = 0; sample < SAMPLES.size(); sample++) {
      recipes.add(new byte[] {(byte) sample});
      for (Part part : Part.values()) {
        for (int how = 0; how < 4; how++) {
          recipes.add(
              ByteBuffer.allocate(1 + EDIT_BYTES)
                  .order(ByteOrder.LITTLE_ENDIAN)
                  .put((byte) sample)
                  .put((byte) List.of(Part.values()).indexOf(part))
                  .put((byte) how)
                  .putShort((short) (how * 40))
                  .putLong(1L << (how * 9))
                  .array());
        }
      }
    }
    return recipes.stream().map(Arguments::of);
  }

  @MethodSource("recipes")
  @FuzzTest
  void whateverAKdumpFileSaysIsReadOrRefused(byte[] recipe) throws Exception {
    if (recipe.length == 0) {
      return;
    }
    ByteBuffer edits = ByteBuffer.wrap(recipe).order(ByteOrder.LITTLE_ENDIAN);
    byte[] sample = SAMPLES.get((edits.get() & 0xff) % SAMPLES.size());
    ByteBuffer file = ByteBuffer.wrap(sample.clone()).order(ByteOrder.LITTLE_ENDIAN);
    long length = sample.length;
    for (int i = 0; i < MOST_EDITS && edits.remaining() >= EDIT_BYTES; i++) {
      Part part = Part.values()[(edits.get() & 0xff) % Part.values().length];
      int how = edits.get();
      int at = edits.getShort() & 0xffff;
      long value = edits.getLong();
      if (part == Part.LENGTH) {
        length = Long.remainderUnsigned(value, MOST_BYTES);
      } else {
        change(file, place(part, at, sample.length), how, value);
      }
    }
    Path path = LOOK.write(file, length);
    Bounds.hold(() -> LOOK.at(KdumpFile.open(path)));
  }

  /** Words of each part, of 4 bytes each. */
  private static int place(Part part, int at, int length) {
    return switch (part) {
      case HEADER -> at * 4 % 464;
      case SUB_HEADER -> SUB_HEADER + at * 4 % 104;
      case NOTES -> SUB_HEADER + 104 + at % (BITMAPS - SUB_HEADER - 112);
      case BITMAP -> BITMAPS + at * 4 % (DESCRIPTORS - BITMAPS - 8);
      case DESCRIPTOR -> DESCRIPTORS + at * 4 % (24 * 70);
      case DATA, LENGTH -> DESCRIPTORS + 24 * 70 + at % (length - DESCRIPTORS - 24 * 70 - 8);
    };
  }

  private static void change(ByteBuffer file, int at, int how, long value) {
    switch (how & 3) {
      case 0 -> file.putInt(at, (int) value);
      case 1 -> file.putLong(at, value);
      case 2 -> file.putLong(at, file.getLong(at) + value);
      default -> file.putLong(at, file.getLong(at) ^ value);
    }
  }
}
