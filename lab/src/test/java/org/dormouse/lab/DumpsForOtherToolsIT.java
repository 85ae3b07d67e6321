package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dormouse.dump.CoreContents;
import org.dormouse.dump.CoreFile;
import org.dormouse.dump.ElfCoreFile;
import org.dormouse.dump.ElfCoreWriter;
import org.dormouse.dump.KdumpFile;
import org.dormouse.dump.KdumpWriter;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.guest.GuestSoftware;
import org.dormouse.lab.guest.HostCommand;
import org.dormouse.lab.setup.Kernel;
import org.dormouse.memory.PageRange;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What other tools read in the files that are written for them: the memory of a real kernel, as
 * QEMU has it, in which a line of the log, a task and a variable were planted.
 */
class DumpsForOtherToolsIT {
  /** QEMU's flash memory, which it takes for RAM and no kernel does. */
  private static final PageRange FLASH = new PageRange(0xfffc0, 0x100000);

  private static final int VALUE = 4711;

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  void makedumpfileReadsTheLogAndEveryPageAlikeInEachFormat() throws Exception {
    Path folder = bed.folder("dumps");
    Path dumped = dumpOf(bed.software(), folder);
    Path elf = folder.resolve("elf.core");
    Path zlib = folder.resolve("zlib.kdump");
    Path raw = folder.resolve("raw.kdump");
    writeElf(dumped, elf);
    writeKdump(dumped, zlib, KdumpWriter.Compression.ZLIB);
    // A file that was read from the other format, and not from QEMU's.
    writeKdump(elf, raw, KdumpWriter.Compression.NONE);

    for (Path file : List.of(elf, zlib, raw)) {
      Path log = folder.resolve("log");
      HostCommand.check(List.of("makedumpfile", "--dump-dmesg", file.toString(), log.toString()));
      assertThat(log).content().contains(Debuggers.LINE);
      Files.delete(log);
    }
    // Level 31: it looks at every page struct, and at the contents of most pages.
    Path expected = filtered(elf, folder);
    assertThat(expected).hasSameBinaryContentAs(filtered(zlib, folder));
    assertThat(expected).hasSameBinaryContentAs(filtered(raw, folder));
    // And what makedumpfile wrote is read here: pages are missing now, and the rest is the same.
    Path again = folder.resolve("again.kdump");
    writeKdump(expected, again, KdumpWriter.Compression.ZLIB);
    assertThat(expected).hasSameBinaryContentAs(filtered(again, folder));
    tidy(folder);
  }

  @Test
  void crashDrgnAndGdbReadTasksLogAndAVariable() throws Exception {
    Kernel kernel = Debuggers.debugKernel();
    Path folder = bed.folder("debugged");
    Path dumped = dumpOf(bed.software().withKernel(kernel.image()), folder);
    Path elf = folder.resolve("elf.core");
    Path zlib = folder.resolve("zlib.kdump");
    Path zstd = folder.resolve("zstd.kdump");
    writeElf(dumped, elf);
    writeKdump(elf, zlib, KdumpWriter.Compression.ZLIB);
    writeKdump(elf, zstd, KdumpWriter.Compression.ZSTD);

    Debuggers debuggers = new Debuggers(kernel, folder);
    for (Path file : List.of(elf, zlib, zstd)) {
      seesAll(file, debuggers.crash(file));
    }
    for (Path file : List.of(elf, zlib)) {
      seesAll(file, debuggers.drgn(file));
    }
    assertThat(debuggers.gdb(elf))
        .contains("panic_timeout = " + VALUE, "swapper/0", Debuggers.TASK);
    tidy(folder);
  }

  private static void seesAll(Path file, String said) {
    assertThat(said)
        .as(file.getFileName().toString())
        .containsPattern("panic_timeout = (\\$1 = )?" + VALUE)
        .contains("swapper/0", Debuggers.TASK, Debuggers.LINE);
  }

  /** The memory of a machine, as QEMU writes it. */
  private static Path dumpOf(GuestSoftware software, Path folder) throws Exception {
    Path core = folder.resolve("qemu.core");
    try (Scenario scenario =
        Scenario.prepare(
            software, bed.machine().withMemoryBytes(256L << 20).withDevice("vmcoreinfo"), folder)) {
      scenario.boot();
      Debuggers.plant(scenario);
      Debuggers.set(scenario, VALUE);
      scenario.machine().dumpMemory(core);
    }
    return core;
  }

  private static CoreFile open(Path file) throws IOException {
    return KdumpFile.isKdump(file) ? KdumpFile.open(file) : ElfCoreFile.open(file);
  }

  private static void writeElf(Path from, Path to) throws Exception {
    try (CoreFile file = open(from);
        Arena arena = Arena.ofShared()) {
      ElfCoreWriter.write(contents(file, arena), to, 2, pages -> {});
    }
  }

  private static void writeKdump(Path from, Path to, KdumpWriter.Compression compression)
      throws Exception {
    try (CoreFile file = open(from);
        Arena arena = Arena.ofShared()) {
      KdumpWriter.write(
          contents(file, arena), to, new KdumpWriter.Options(compression, 2, 0), pages -> {});
    }
  }

  private static CoreContents contents(CoreFile file, Arena arena) throws IOException {
    CoreFile.Presence presence = file.presence(arena);
    PageRange flash = FLASH.intersect(new PageRange(0, presence.stored().limit()));
    presence.stored().remove(flash);
    presence.zero().remove(flash);
    List<PageRange> ram = file.ram().stream().filter(range -> !FLASH.contains(range)).toList();
    return new CoreContents(file.description(), ram, file.frames(), presence);
  }

  /** What makedumpfile makes of a file when it leaves out all that it can. */
  private static Path filtered(Path file, Path folder) throws Exception {
    Path filtered = folder.resolve(file.getFileName() + ".filtered");
    HostCommand.check(
        List.of("makedumpfile", "-c", "-d", "31", file.toString(), filtered.toString()));
    return filtered;
  }

  /** Takes what is large away. */
  private static void tidy(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.filter(DumpsForOtherToolsIT::isLarge).toList()) {
        Files.delete(file);
      }
    }
    bed.tidy(folder);
  }

  private static boolean isLarge(Path file) {
    return file.toString().matches(".*\\.(core|kdump|filtered)");
  }
}
