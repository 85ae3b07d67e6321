package org.dormouse.dump;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;

/**
 * Kdump-compressed files that are cut, forged or of another kind. Offsets are those of {@code
 * struct disk_dump_header}, {@code kdump_sub_header} and {@code page_desc}, counted by hand.
 */
class KdumpFileTest {
  private static final int VERSION = 8;
  private static final int MACHINE = 12 + 4 * 65;
  private static final int STATUS = 424;
  private static final int BLOCK_SIZE = 428;
  private static final int SUB_HEADER_BLOCKS = 432;
  private static final int BITMAP_BLOCKS = 436;
  private static final int SPLIT = 4096 + 12;
  private static final int NOTES = 4096 + 48;
  private static final int NOTES_SIZE = 4096 + 56;
  private static final int LIMIT = 4096 + 96;

  /** Behind the two headers, of a block each, and two bitmaps of a block. */
  private static final int DESCRIPTORS = 4 * 4096;

  private static final SmallMemory MEMORY = new SmallMemory(SmallMemory.ranges(1, 700), 5, 4711);

  /** The first page of text in the memory, which is compressed. */
  private static final long TEXT = firstText();

  private static final int TEXT_DESCRIPTOR = DESCRIPTORS + 24 * rank(TEXT);

  private static Path folder;
  private static byte[] whole;

  @BeforeContainer
  static void writeAFile() throws Exception {
    folder = Files.createTempDirectory("dormouse-kdump-");
    Path path = folder.resolve("whole");
    KdumpWriter.write(
        MEMORY.contents(new CoreDescription(List.of(), SmallMemory.NOTES)),
        path,
        new KdumpWriter.Options(KdumpWriter.Compression.ZLIB, 2, 31),
        pages -> {});
    whole = Files.readAllBytes(path);
  }

  @AfterContainer
  static void deleteFiles() throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  @Property(tries = 1)
  void theHeadersAreWhereTheFormatHasThem() {
    ByteBuffer file = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(new String(whole, 0, 8, StandardCharsets.US_ASCII)).isEqualTo("KDUMP   ");
    assertThat(file.getInt(VERSION)).isEqualTo(6);
    assertThat(text(12)).isEqualTo("Linux");
    assertThat(text(12 + 2 * 65)).isEqualTo("6.1.0");
    assertThat(text(MACHINE)).isEqualTo("x86_64");
    assertThat(file.getInt(STATUS)).isEqualTo(1);
    assertThat(file.getInt(BLOCK_SIZE)).isEqualTo(4096);
    assertThat(file.getInt(SUB_HEADER_BLOCKS)).isEqualTo(1);
    assertThat(file.getInt(BITMAP_BLOCKS)).isEqualTo(2);
    assertThat(file.getInt(440)).as("max_mapnr").isEqualTo(701);
    assertThat(file.getInt(460)).as("nr_cpus").isEqualTo(2);
    assertThat(file.getLong(4096)).as("phys_base").isEqualTo(-4096);
    assertThat(file.getInt(4096 + 8)).as("dump_level").isEqualTo(31);
    assertThat(text((int) file.getLong(4096 + 32))).startsWith("OSRELEASE=6.1.0");
    assertThat(file.getLong(NOTES_SIZE)).isEqualTo(SmallMemory.NOTES.length);
    assertThat(file.getLong(LIMIT)).isEqualTo(701);
    assertThat(file.getInt(TEXT_DESCRIPTOR + 12)).as("flags").isEqualTo(1);
  }

  @Property(tries = 1)
  void otherKindsAreNamed() throws IOException {
    refused(Arrays.copyOf(whole, 100), "too short");
    refused(new byte[whole.length], "no kdump-compressed file");
    byte[] flattened = whole.clone();
    System.arraycopy(
        "makedumpfile\0\0\0\0".getBytes(StandardCharsets.US_ASCII), 0, flattened, 0, 16);
    refused(flattened, "makedumpfile -R");
    refused(with(VERSION, 4, 3), "version 3");
    refused(with(VERSION, 4, 7), "version 7");
    refused(with(MACHINE, 4, 0x63727070), "not x86_64");
    refused(with(BLOCK_SIZE, 4, 65536), "blocks of 65536");
    refused(with(STATUS, 4, 1 | 8), "not written to its end");
    refused(with(SPLIT, 4, 1), "--reassemble");
  }

  @Property(tries = 1)
  void numbersThatCannotBeAreRefused() throws IOException {
    for (long number : new long[] {0, -1, 1L << 31, 1L << 40}) {
      refused(with(SUB_HEADER_BLOCKS, 4, number), "bitmaps");
      refused(with(BITMAP_BLOCKS, 4, number), "bitmaps");
    }
    for (long number : new long[] {0, -1, 1L << 31, 1L << 35, Long.MAX_VALUE, Long.MIN_VALUE}) {
      refused(with(LIMIT, 8, number), "bitmaps");
    }
    for (long number : new long[] {-1, whole.length, Long.MAX_VALUE, Long.MIN_VALUE}) {
      refused(with(NOTES, 8, number), "notes");
      refused(with(NOTES_SIZE, 8, number), "notes");
    }
    refused(Arrays.copyOf(whole, DESCRIPTORS - 1), "bitmaps");
    refused(Arrays.copyOf(whole, DESCRIPTORS + 24), "it was cut");
  }

  /** What was made for reading when the notes turn out to be too many is given back. */
  @Property(tries = 1)
  void aRefusedFileLeavesNoMemoryBehind() throws IOException {
    Path path = write(with(NOTES_SIZE, 8, (8L << 20) + 1));
    try (RandomAccessFile longer = new RandomAccessFile(path.toFile(), "rw")) {
      longer.setLength(16 << 20);
    }
    long before = residentBytes();
    for (int i = 0; i < 64; i++) {
      assertThatThrownBy(() -> KdumpFile.open(path)).hasMessageContaining("too many notes");
    }
    // A file that is open has more than 4 MiB, so that these would have 256.
    assertThat(residentBytes() - before).isLessThan(128 << 20);
  }

  /** {@code VmRSS}, {@code Documentation/filesystems/proc.rst}. */
  private static long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
      }
    }
    throw new IOException("no VmRSS");
  }

  @Property(tries = 1)
  void aPageThatCannotBeIsNamed() throws IOException {
    damaged(with(TEXT_DESCRIPTOR, 8, -1));
    damaged(with(TEXT_DESCRIPTOR, 8, whole.length));
    damaged(with(TEXT_DESCRIPTOR, 8, Long.MAX_VALUE));
    damaged(with(TEXT_DESCRIPTOR, 8, DESCRIPTORS));
    damaged(with(TEXT_DESCRIPTOR + 8, 4, 0));
    damaged(with(TEXT_DESCRIPTOR + 8, 4, 20));
    damaged(with(TEXT_DESCRIPTOR + 8, 4, 4097));
    damaged(with(TEXT_DESCRIPTOR + 8, 4, -1));
    damaged(with(TEXT_DESCRIPTOR + 12, 4, 0));
    damaged(with(TEXT_DESCRIPTOR + 12, 4, 0x40));
    pageFails(with(TEXT_DESCRIPTOR + 12, 4, 2), "LZO");
    pageFails(with(TEXT_DESCRIPTOR + 12, 4, 4), "snappy");
  }

  /** Whatever the bytes, the answer is a value or an IOException. */
  @Property(tries = 300)
  void someBytesChanged(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    byte[] bytes = whole.clone();
    int[] ends = {464, 4096 + 104, DESCRIPTORS, DESCRIPTORS + 701 * 24, bytes.length};
    for (int i = random.nextInt(8); i >= 0; i--) {
      int end = ends[random.nextInt(ends.length)];
      bytes[random.nextInt(VERSION, end)] = (byte) (1 << random.nextInt(8));
    }
    try (KdumpFile file = KdumpFile.open(write(bytes));
        Arena arena = Arena.ofConfined()) {
      CoreFile.Presence presence = file.presence(arena);
      readAll(file, presence.stored());
      readAll(file, presence.zero());
    } catch (IOException e) {
      assertThat(e).hasMessageNotContaining("null");
    }
  }

  private static void readAll(CoreFile file, PageSet pages) throws IOException {
    for (PageRange run = pages.nextRun(0); !run.isEmpty(); run = pages.nextRun(run.end())) {
      long end = Math.min(run.end(), Pages.alignDown(run.start(), 64) + 64);
      run = new PageRange(run.start(), end);
      try (Frames.Lease lease = file.frames().lease(run)) {
        assertThat(lease.memory().byteSize()).isEqualTo(run.bytes());
      }
    }
  }

  private static void refused(byte[] bytes, String why) throws IOException {
    Path path = write(bytes);
    assertThatThrownBy(() -> KdumpFile.open(path).close())
        .isInstanceOf(CoreFormatException.class)
        .hasMessageContaining(why)
        .hasMessageContaining(path.toString());
  }

  private static void damaged(byte[] bytes) throws IOException {
    pageFails(bytes, "page frame 0x%x".formatted(TEXT));
  }

  /** One page cannot be read, alone or with others; its neighbours can. */
  private static void pageFails(byte[] bytes, String why) throws IOException {
    try (KdumpFile file = KdumpFile.open(write(bytes))) {
      for (PageRange pages : List.of(new PageRange(TEXT, TEXT + 1), MEMORY.stored.nextRun(TEXT))) {
        if (pages.contains(TEXT)) {
          assertThatThrownBy(() -> file.frames().lease(pages))
              .isInstanceOf(CoreFormatException.class)
              .hasMessageContaining(why);
        }
      }
      long next = MEMORY.stored.next(TEXT + 1);
      try (Frames.Lease lease = file.frames().lease(new PageRange(next, next + 1))) {
        assertThat(lease.memory().mismatch(MEMORY.page(next))).isEqualTo(-1);
      }
    }
  }

  private static byte[] with(int at, int bytes, long value) {
    byte[] changed = whole.clone();
    for (int i = 0; i < bytes; i++) {
      changed[at + i] = (byte) (value >>> (8 * i));
    }
    return changed;
  }

  private static Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("changed"), bytes);
  }

  private static String text(int at) {
    int end = at;
    while (whole[end] != 0) {
      end++;
    }
    return new String(whole, at, end - at, StandardCharsets.US_ASCII);
  }

  private static long firstText() {
    long pfn = MEMORY.stored.next(0);
    while (MEMORY.page(pfn).get(ValueLayout.JAVA_BYTE, 0) != 'p') {
      pfn = MEMORY.stored.next(pfn + 1);
    }
    return pfn;
  }

  private static int rank(long pfn) {
    PageRange before = new PageRange(0, pfn);
    return (int) (MEMORY.stored.countIn(before) + MEMORY.zero.countIn(before));
  }
}
