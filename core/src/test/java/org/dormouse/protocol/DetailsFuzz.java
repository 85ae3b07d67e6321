package org.dormouse.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.dormouse.boot.PagingMode;
import org.dormouse.fuzz.Bounds;
import org.dormouse.kexec.SaverLayout;
import org.dormouse.linux.EfiRuntimeMap;
import org.dormouse.linux.FirmwareMemoryMap;
import org.dormouse.linux.Processor;
import org.dormouse.machine.DiskUse;
import org.dormouse.machine.Fingerprint;
import org.dormouse.machine.Hardware;
import org.dormouse.memory.FreePagePolicy;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.MemoryMap.Kind;
import org.dormouse.memory.MemoryMap.Region;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.text.KeyValues;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The lines that a wake reads out of an image's details, and a saver out of a request. */
class DetailsFuzz {
  private static final long MIB = 1 << 20;

  /** What a saver may have for a set of pages, in bytes. */
  private static final long ROOM = 16 * MIB;

  private static final PageRange REGION = new PageRange(0x1000, 0x2000);

  /** Reads something out of lines. */
  private interface Reader {
    Object of(KeyValues lines);
  }

  private static final Hardware HARDWARE =
      new Hardware(
          new Processor(
              2,
              new Processor.Model("GenuineIntel", 6, 167, 1),
              OptionalInt.of(0),
              Set.of("fpu", "sse2", "la57")),
          new FirmwareMemoryMap(
              List.of(
                  new FirmwareMemoryMap.Entry(0, 0x9fc00, "System RAM"),
                  new FirmwareMemoryMap.Entry(MIB, 64 * MIB, "System RAM"))),
          new EfiRuntimeMap(
              List.of(new EfiRuntimeMap.Entry(0x3ed0_0000, 0xffff_fffe_fee0_0000L, 16, 5, 15))));

  private static final String FINGERPRINT =
      "name=sda2 wwid=eui.1234 serial=A%20B start=1048576 size=4294967296 bus=0000:00:04.0"
          + " kind=ext4 about=mounted%20on%20/ watched=1024+1024,8192+4096*3/32768"
          + " digest=0123456789abcdef";

  private static KeyValues details() {
    Original original =
        new Original(
            new MemoryMap(
                List.of(
                    new Region(0, 0x9fc00, Kind.RAM),
                    new Region(MIB, 64 * MIB, Kind.RAM),
                    new Region(64 * MIB, 65 * MIB, Kind.ACPI_TABLES),
                    new Region(4096 * MIB, 4097 * MIB, Kind.RAM))),
            REGION,
            0x3000_1000L,
            4096,
            PagingMode.FIVE_LEVEL,
            FreePagePolicy.ANY);
    SaverRecord record =
        new SaverRecord(
            "0123456789abcdef".repeat(4),
            "fedcba9876543210".repeat(4),
            0x1800_0000L,
            Optional.of(new PageRange(0x1800, 0x1900)),
            OptionalLong.of(3));
    return original
        .lines()
        .withAll(record.lines())
        .withAll(HARDWARE.text())
        .with("fingerprint", FINGERPRINT)
        .with("disk", FINGERPRINT)
        .with("sequence", 7);
  }

  static Stream<Arguments> texts() {
    KeyValues save =
        new SaverTask.Save(
                new UUID(1, 2),
                "/dev/sda3",
                OptionalLong.of(1 << 20),
                SaverTask.Sealed.NO,
                Optional.empty(),
                Then.SUSPEND)
            .lines();
    List<KeyValues> seeds = new ArrayList<>();
    seeds.add(KeyValues.empty());
    seeds.add(details());
    seeds.add(details().withAll(save));
    seeds.add(details().withAll(new SaverTask.Return().lines()));
    return seeds.stream().map(lines -> Arguments.of((Object) lines.toString().getBytes(UTF_8)));
  }

  @MethodSource("texts")
  @DictionaryEntries({
    "map=0x0 0x9fc00 RAM\\x0A",
    "0x7fffffffffffffff",
    "9223372036854775807",
    "RESERVED",
    "free_pages=SAVED\\x0A",
    "task=save\\x0A",
    "firmware_memory=0x0 0x9fc00 System RAM\\x0A",
    "efi_runtime=",
    "digest=",
    "watched=",
    "%41",
    "*3/32768,"
  })
  @FuzzTest
  void whateverTheDetailsSayIsReadOrRefused(byte[] text) throws InterruptedException {
    Bounds.hold(
        () -> {
          KeyValues lines = KeyValues.parse(new String(text, UTF_8));
          read(lines, DetailsFuzz::memory);
          read(lines, SaverRecord::of);
          read(lines, SaverTask::of);
          read(lines, found -> found.number("sequence"));
          read(lines, DetailsFuzz::compared);
          read(lines, found -> found.all("fingerprint").stream().map(Fingerprint::parse).toList());
          read(lines, found -> found.all("disk").stream().map(DiskUse::parse).toList());
        });
  }

  /** What makes no sense is an {@link IllegalArgumentException}, and nothing else. */
  private static void read(KeyValues lines, Reader reader) throws IOException {
    try {
      assertThat(reader.of(lines)).isNotNull();
    } catch (IllegalArgumentException e) {
      Bounds.checkLine(e.getMessage());
    }
  }

  /** As a wake and a sleep use it. */
  private static Original memory(KeyValues lines) {
    Original original = Original.of(lines);
    if (original.pageSetBytes() > ROOM) {
      return original;
    }
    try (Arena arena = Arena.ofConfined()) {
      PageSet permitted = PageSet.of(arena, original.map().limit(), original.visible());
      assertThat(permitted.countIn(original.region())).isZero();
      assertThat(permitted.countIn(SaverLayout.LOW_MEMORY)).isZero();
    }
    assertThat(original.heldBytes()).isPositive();
    assertThat(Original.of(original.lines())).isEqualTo(original);
    return original;
  }

  private static Object compared(KeyValues lines) {
    Hardware sleeping = Hardware.parse(lines);
    sleeping
        .compareWith(HARDWARE)
        .forEach(finding -> Bounds.checkLine(finding.name() + ": " + finding.seen()));
    return sleeping;
  }
}
