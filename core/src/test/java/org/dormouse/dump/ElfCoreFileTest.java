package org.dormouse.dump;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.dormouse.dump.CoreDescription.Load;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.text.KeyValues;
import org.dormouse.vmcore.VmcoreException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElfCoreFileTest {
  private static final long DIRECT_MAP = 0xffff888000000000L;

  @TempDir Path folder;

  @Test
  void pagesAreReadFromWhereverTheyLie() throws Exception {
    byte[] low = random(1, 4);
    byte[] high = random(2, 3);
    byte[] next = random(3, 2);
    // The first part of the file is not a multiple of 8 long, as QEMU's is.
    Path file =
        write(
            new ElfBytes()
                .padded((byte) 5)
                .note("CORE", "processor")
                .load(0x200000, DIRECT_MAP + 0x200000, high)
                .load(0x1000, DIRECT_MAP + 0x1000, low)
                .load(0x203000, DIRECT_MAP + 0x203000, next));
    try (ElfCoreFile core = ElfCoreFile.open(file);
        Arena arena = Arena.ofConfined()) {
      assertThat(core.ram()).containsExactly(new PageRange(1, 5), new PageRange(0x200, 0x205));
      assertThat(core.presence(arena).stored().count()).isEqualTo(9);
      assertThat(read(core, 1, 5)).isEqualTo(low);
      assertThat(read(core, 2, 3)).isEqualTo(Arrays.copyOfRange(low, 4096, 8192));
      byte[] across = new byte[2 * 4096];
      System.arraycopy(high, 2 * 4096, across, 0, 4096);
      System.arraycopy(next, 0, across, 4096, 4096);
      assertThat(read(core, 0x202, 0x204)).isEqualTo(across);
      assertThatThrownBy(() -> core.frames().lease(new PageRange(4, 6)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("not RAM");
    }
  }

  @Test
  void theKernelsTextIsThereTwiceAndCountsOnce() throws Exception {
    byte[] memory = random(1, 4);
    Path file =
        write(
            new ElfBytes()
                .load(0x2000, 0xffffffff81000000L, Arrays.copyOfRange(memory, 4096, 3 * 4096))
                .load(0x1000, DIRECT_MAP + 0x1000, memory));
    try (ElfCoreFile core = ElfCoreFile.open(file);
        Arena arena = Arena.ofConfined()) {
      assertThat(core.description().loads()).hasSize(2);
      assertThat(core.ram()).containsExactly(new PageRange(1, 5));
      assertThat(core.presence(arena).stored().count()).isEqualTo(4);
      assertThat(read(core, 1, 5)).isEqualTo(memory);
    }
  }

  @Test
  void memoryBeyondTheFileWasLeftOutAndHalfPagesDoNotCount() throws Exception {
    Path file =
        write(new ElfBytes().load(0x1000, 0, random(1, 2), 5 * 4096).load(0x9800, 0, random(2, 2)));
    try (ElfCoreFile core = ElfCoreFile.open(file);
        Arena arena = Arena.ofConfined()) {
      assertThat(core.ram()).containsExactly(new PageRange(1, 6), new PageRange(10, 11));
      CoreFile.Presence presence = core.presence(arena);
      assertThat(presence.stored().nextRun(0)).isEqualTo(new PageRange(1, 3));
      assertThat(presence.stored().nextRun(3)).isEqualTo(new PageRange(10, 11));
      assertThat(presence.zero().isEmpty()).isTrue();
    }
  }

  @Test
  void holesOfTheFileAreZeroWithoutBeingRead() throws Exception {
    Path file = write(new ElfBytes().load(0x100000, 0, new byte[0], 1L << 30));
    try (RandomAccessFile longer = new RandomAccessFile(file.toFile(), "rw")) {
      // p_filesz: all of it, and data only in the middle.
      longer.seek(64 + 32);
      longer.writeLong(Long.reverseBytes(1L << 30));
      longer.setLength(64 + 56 + (1L << 30));
      longer.seek(64 + 56 + (512L << 20));
      longer.write(random(1, 1));
    }
    try (ElfCoreFile core = ElfCoreFile.open(file);
        Arena arena = Arena.ofConfined()) {
      CoreFile.Presence presence = core.presence(arena);
      long pages = (1L << 30) >>> Pages.SHIFT;
      assertThat(presence.stored().count()).isBetween(1L, 16L);
      assertThat(presence.stored().contains((513L << 20) >>> Pages.SHIFT)).isTrue();
      assertThat(presence.zero().count() + presence.stored().count()).isEqualTo(pages);
    }
  }

  @Test
  void theNoteIsFoundAndSurvivesAsLines() throws Exception {
    Path file =
        write(
            new ElfBytes()
                .note("CORE", "processor 0")
                .note("VMCOREINFO", "OSRELEASE=6.1.0\nPAGESIZE=4096\n")
                .load(0x1000, DIRECT_MAP, random(1, 1)));
    try (ElfCoreFile core = ElfCoreFile.open(file)) {
      CoreDescription description = core.description();
      assertThat(description.vmcoreInfo().value("OSRELEASE")).isEqualTo("6.1.0");
      KeyValues lines = KeyValues.parse(description.lines().toString());
      assertThat(CoreDescription.of(lines)).isEqualTo(description);
    }
    assertThatThrownBy(() -> CoreDescription.none().vmcoreInfo())
        .isInstanceOf(VmcoreException.class);
  }

  @Test
  void loadsThatContinueOneAnotherAreKeptAsOneIfTheyAreMany() {
    List<Load> loads = new ArrayList<>();
    for (long at = 0; at < 5000; at++) {
      loads.add(new Load(at << 12, DIRECT_MAP + (at << 12), 4096));
    }
    loads.add(new Load(5000 << 12, 0, 4096));
    loads.add(new Load(5001 << 12, 0, 4096));
    loads.add(new Load(0x200000, 0xffffffff81000000L, 1 << 20));
    CoreDescription kept = CoreDescription.of(new CoreDescription(loads, new byte[0]).lines());
    assertThat(kept.loads())
        .containsExactly(
            new Load(0, DIRECT_MAP, 5000 << 12),
            new Load(5000 << 12, 0, 2 << 12),
            new Load(0x200000, 0xffffffff81000000L, 1 << 20));
  }

  @Test
  void whatIsNoCoreIsRefusedWithAReason() throws Exception {
    assertRefused(new byte[] {1, 2, 3}, "too short");
    assertRefused(new byte[100], "no ELF core");
    assertRefused(new ElfBytes().forMachine(183).load(0, 0, random(1, 1)).bytes(), "no ELF core");
    assertRefused(new ElfBytes().note("CORE", "x").bytes(), "no whole page");
    byte[] whole = new ElfBytes().load(0x1000, 0, random(1, 2)).bytes();
    assertRefused(Arrays.copyOf(whole, whole.length - 1), "it was cut");
    assertRefused(changed(whole, 56, 0x7f7f), "program headers");
    assertRefused(changed(whole, 64 + 8, -1), "a load's contents");
    assertRefused(changed(whole, 64 + 24, -4096), "a load");
    assertRefused(changed(whole, 64 + 40, 1), "more contents than memory");
  }

  private void assertRefused(byte[] bytes, String why) throws IOException {
    Path file = Files.write(folder.resolve("core"), bytes);
    assertThatThrownBy(() -> ElfCoreFile.open(file).close())
        .isInstanceOf(CoreFormatException.class)
        .hasMessageContaining(why);
  }

  private static byte[] changed(byte[] bytes, int at, long value) {
    byte[] changed = bytes.clone();
    for (int i = 0; i < (at == 56 ? 2 : 8); i++) {
      changed[at + i] = (byte) (value >>> (8 * i));
    }
    return changed;
  }

  private Path write(ElfBytes core) throws IOException {
    return Files.write(folder.resolve("core"), core.bytes());
  }

  private static byte[] read(CoreFile core, long start, long end) throws IOException {
    try (Frames.Lease lease = core.frames().lease(new PageRange(start, end))) {
      return lease.memory().toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private static byte[] random(int seed, int pages) {
    byte[] bytes = new byte[pages * Pages.SIZE];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
