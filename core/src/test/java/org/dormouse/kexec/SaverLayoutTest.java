package org.dormouse.kexec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;
import org.dormouse.boot.BootParams;
import org.dormouse.boot.BzImage;
import org.dormouse.boot.E820;
import org.dormouse.boot.FakeKernel;
import org.dormouse.boot.PagingMode;
import org.dormouse.boot.Stub;
import org.dormouse.linux.Kexec.Context;
import org.dormouse.linux.Kexec.Segment;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.MemoryMap.Kind;
import org.dormouse.memory.MemoryMap.Region;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SaverLayoutTest {
  private static final BzImage KERNEL = FakeKernel.kernel();
  private static final PageRange REGION = new PageRange(0x4000, 0xe000);

  @Provide
  Arbitrary<MemoryMap> machines() {
    return Arbitraries.oneOf(Machines.upTo(150L << 20), Machines.upTo(1L << 40));
  }

  @Property(tries = 400)
  void everyMachineGetsALayoutThatKeepsTheRules(
      @ForAll("machines") MemoryMap map,
      @ForAll @IntRange(max = 2 << 20) int initramfsSize,
      @ForAll PagingMode paging) {
    long pages = new SaverNeeds(FakeKernel.INIT_SIZE, initramfsSize, 0, 8 << 20).pages();
    Optional<PageRange> region = region(map, pages);
    Assume.that(region.isPresent());
    try {
      SaverLayout layout = SaverLayout.plan(request(map, region.get(), initramfsSize, paging));
      checkSegments(layout, map, region.get());
      checkMemory(layout, map, region.get());
      checkPlaces(layout, region.get());
      Statistics.collect("planned");
    } catch (KexecPlanException e) {
      Statistics.collect("refused");
      assertThat(e).hasMessageMatching(".*(at most half|too many pieces).*");
      assertThat(pages * 2 > managed(map) * 9 / 10 || lowMemory(map).size() > 10).isTrue();
    }
    Statistics.coverage(seen -> seen.check("planned").percentage(part -> part > 50));
  }

  private static void checkSegments(SaverLayout layout, MemoryMap map, PageRange region) {
    KexecImage image = layout.image();
    assertThat(image.segments()).hasSizeLessThanOrEqualTo(16);
    assertThat(image.context()).isEqualTo(Context.PRESERVE_CONTEXT);
    assertThat(image.entry()).isEqualTo(region.startAddress());
    assertThat(image.pages() * 2).isLessThanOrEqualTo(managed(map));
    List<PageRange> destinations =
        image.segments().stream().map(Segment::destination).sorted().toList();
    List<PageRange> expected = new ArrayList<>(lowMemory(map));
    expected.add(region);
    assertThat(joined(destinations)).isEqualTo(joined(expected));
  }

  private static void checkMemory(SaverLayout layout, MemoryMap map, PageRange region) {
    List<E820.Entry> memory = layout.memory();
    for (int i = 1; i < memory.size(); i++) {
      assertThat(memory.get(i).start()).isGreaterThanOrEqualTo(memory.get(i - 1).end());
    }
    List<PageRange> ram =
        memory.stream()
            .filter(entry -> entry.type() == E820.Type.RAM)
            .map(entry -> PageRange.covering(entry.start(), entry.end()))
            .toList();
    List<PageRange> expected = new ArrayList<>(lowMemory(map));
    expected.add(region);
    assertThat(ram).isEqualTo(joined(expected));
    for (Region other : map.regions()) {
      if (other.kind() != Kind.RAM) {
        assertThat(memory)
            .anyMatch(
                entry ->
                    entry.type().name().equals(other.kind().name())
                        && entry.start() <= other.start()
                        && other.end() <= entry.end());
      }
    }
  }

  private static void checkPlaces(SaverLayout layout, PageRange region) {
    SaverLayout.Addresses at = layout.addresses();
    List<PageRange> places = new ArrayList<>();
    places.addAll(List.of(at.stub(), at.pageTables(), at.bootParams(), at.commandLine()));
    places.addAll(List.of(at.memoryExtension(), at.wayBack(), at.kernel()));
    at.crashReservation().ifPresent(places::add);
    places.addAll(List.of(at.wayBackArchive(), at.initramfs()));
    for (int i = 1; i < places.size(); i++) {
      assertThat(places.get(i).start()).isGreaterThanOrEqualTo(places.get(i - 1).end());
    }
    assertThat(region.contains(new PageRange(places.getFirst().start(), at.initramfs().end())))
        .isTrue();
    assertThat(at.wayBack().startAddress() - region.startAddress())
        .isGreaterThanOrEqualTo(64 << 10);
    at.crashReservation()
        .ifPresent(
            reservation -> {
              assertThat(reservation.startAddress() % (16 << 20)).isZero();
              assertThat(reservation.bytes()).isEqualTo(1 << 20);
              // Where kexec-tools put neither kernel nor initramfs at the wake, if there is room.
              long above = at.wayBackArchive().startAddress() - reservation.endAddress();
              long below = reservation.startAddress() - at.kernel().endAddress();
              assertThat(above > at.kernel().bytes() || below < 16 << 20).isTrue();
            });
  }

  @Test
  void whatIsLoadedIsWhereTheStubAndTheKernelLook() throws KexecPlanException {
    SaverLayout layout =
        SaverLayout.plan(request(Machines.q35(), REGION, 1_000_001, PagingMode.FIVE_LEVEL));
    SaverLayout.Addresses at = layout.addresses();
    List<Segment> segments = layout.image().segments();
    assertThat(segments)
        .extracting(Segment::destination)
        .containsExactly(
            new PageRange(0x1, 0x9f),
            new PageRange(0x4000, 0x4200),
            new PageRange(0x4200, at.wayBackArchive().start()),
            at.wayBackArchive(),
            new PageRange(0xe000 - 245, 0xe000));
    assertThat(segments.get(0).content().byteSize()).isZero();
    assertThat(segments.get(2).content().get(ValueLayout.JAVA_BYTE, 0))
        .isEqualTo(FakeKernel.CODE_BYTE);
    ByteBuffer head = segments.get(1).content().asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    assertThat(head.getLong(16)).as("page tables").isEqualTo(0x4001000);
    assertThat(head.getLong(24)).as("digits").isEqualTo(at.commandLine().startAddress() + 24);
    assertThat(head.getLong(40)).as("boot_params").isEqualTo(at.bootParams().startAddress());
    assertThat(head.getLong(48)).as("64-bit entry").isEqualTo(0x4200200);
    int bootParams = (int) (at.bootParams().startAddress() - 0x4000000);
    assertThat(head.getInt(bootParams + 0x228))
        .as("cmd_line_ptr")
        .isEqualTo((int) at.commandLine().startAddress());
    assertThat(head.getInt(bootParams + 0x218))
        .as("ramdisk_image")
        .isEqualTo((int) at.wayBackArchive().startAddress());
    assertThat(head.getInt(bootParams + 0x21c))
        .as("ramdisk_size")
        .isEqualTo((int) at.wayBackArchive().bytes() + 1_000_001);
  }

  @Test
  void theEntryThatTheStubWritesIsTheOneThatTheWayBackReads() throws KexecPlanException {
    for (PagingMode mode : PagingMode.values()) {
      SaverLayout layout = SaverLayout.plan(request(Machines.q35(), REGION, 4096, mode));
      SaverLayout.Addresses at = layout.addresses();
      byte[] archive = layout.image().segments().get(3).content().toArray(ValueLayout.JAVA_BYTE);
      long slot = stub(layout).getLong(32) - at.wayBackArchive().startAddress();
      ByteBuffer.wrap(archive).order(ByteOrder.LITTLE_ENDIAN).putLong((int) slot, 0x1_2345_6079L);
      byte[] expected =
          new JumpBack(0x1_2345_6079L, mode)
              .forGood(at.wayBack())
              .segments()
              .getFirst()
              .content()
              .toArray(ValueLayout.JAVA_BYTE);
      int content = (int) slot - Stub.JumpBack.JUMP_BACK_ENTRY;
      assertThat(Arrays.copyOfRange(archive, content, content + expected.length))
          .isEqualTo(expected);
    }
  }

  /** kexec-tools look at no more than these headers. */
  @Test
  void theWayBackIsAnExecutableOfOnePiece(@TempDir Path folder) throws Exception {
    SaverLayout layout =
        SaverLayout.plan(request(Machines.q35(), REGION, 4096, PagingMode.FIVE_LEVEL));
    Path initrd = folder.resolve("initrd");
    Files.write(initrd, layout.image().segments().get(3).content().toArray(ValueLayout.JAVA_BYTE));
    byte[] archive = Files.readAllBytes(initrd);
    int start =
        (int)
            (stub(layout).getLong(32)
                - layout.addresses().wayBackArchive().startAddress()
                - Stub.JumpBack.JUMP_BACK_ENTRY
                - 4096);
    Path elf = folder.resolve("way-back.elf");
    Files.write(elf, Arrays.copyOfRange(archive, start, archive.length));
    Process readelf =
        new ProcessBuilder("readelf", "--wide", "-hl", elf.toString())
            .redirectErrorStream(true)
            .start();
    String text = new String(readelf.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(readelf.waitFor()).as(text).isZero();
    PageRange wayBack = layout.addresses().wayBack();
    assertThat(text)
        .doesNotContainIgnoringCase("warning")
        .doesNotContainIgnoringCase("error")
        .containsPattern("Type: +EXEC")
        .containsPattern("Machine: +Advanced Micro Devices X86-64")
        .containsPattern("Entry point address: +0x" + Long.toHexString(wayBack.startAddress()))
        .containsPattern(
            String.format(
                "LOAD +0x001000 0x%1$016x 0x%1$016x 0x[0-9a-f]+ 0x%2$06x RWE 0x1000",
                wayBack.startAddress(), wayBack.bytes()));
  }

  @Test
  void theCommandLineHasOurWordsFirstAndEndsWithAZero() throws KexecPlanException {
    SaverLayout layout =
        SaverLayout.plan(request(Machines.q35(), REGION, 4096, PagingMode.FIVE_LEVEL));
    String expected =
        "kexec_jump_back_entry=0x0000000000000000 crashkernel=1M@0xa000000"
            + " ramoops.mem_address=0xa0f8000 ramoops.mem_size=0x8000 ramoops.record_size=0x8000 ramoops.mem_t"
            + "ype=2 ramoops.console_size=0 ramoops.ftrace_size=0 ramoops.pmsg_size=0 pstore.compress=none crash_kexec_post_notifiers"
            + " console=ttyS0 quiet";
    assertThat(layout.commandLine()).isEqualTo(expected);
    assertThat(layout.crashReservation()).hasValue(new PageRange(0xa000, 0xa100));
    long offset = layout.addresses().commandLine().startAddress() - 0x4000000;
    byte[] loaded =
        layout.image().segments().get(1).content().asSlice(offset).toArray(ValueLayout.JAVA_BYTE);
    assertThat(new String(loaded, 0, expected.length() + 1, StandardCharsets.US_ASCII))
        .isEqualTo(expected + "\0");
  }

  @Test
  void aRegionWithoutAPlaceForTheCrashReservationDoesWithout() throws KexecPlanException {
    PageRange narrow = new PageRange(0x4000, 0x5400);
    SaverLayout layout =
        SaverLayout.plan(request(Machines.q35(), narrow, 4096, PagingMode.FIVE_LEVEL));
    assertThat(layout.crashReservation()).isEmpty();
    assertThat(layout.commandLine()).doesNotContain("crashkernel");
  }

  @Test
  void moreThan128PiecesOfMemoryGoBehindTheCommandLine() throws KexecPlanException {
    List<Region> regions = new ArrayList<>(Machines.q35().regions());
    for (int i = 0; i < 200; i++) {
      regions.add(new Region((512L + i) << 30, ((512L + i) << 30) + 4096, Kind.RESERVED));
    }
    SaverLayout layout =
        SaverLayout.plan(request(new MemoryMap(regions), REGION, 4096, PagingMode.FIVE_LEVEL));
    assertThat(layout.memory()).hasSizeGreaterThan(200);
    PageRange extension = layout.addresses().memoryExtension();
    assertThat(extension.bytes())
        .isGreaterThanOrEqualTo(BootParams.extensionSize(layout.memory().size()));
    ByteBuffer head = stub(layout);
    int bootParams = (int) (layout.addresses().bootParams().startAddress() - 0x4000000);
    assertThat(head.getLong(bootParams + 0x250)).isEqualTo(extension.startAddress());
    int at = (int) (extension.startAddress() - 0x4000000);
    assertThat(head.getInt(at + 12)).isEqualTo((layout.memory().size() - 128) * 20);
    assertThat(head.getLong(at + 16)).isEqualTo(layout.memory().get(128).start());
  }

  @Test
  void describesItself() throws KexecPlanException {
    SaverLayout layout =
        SaverLayout.plan(request(Machines.q35(), REGION, 4096, PagingMode.FIVE_LEVEL));
    assertThat(layout.describe())
        .startsWith("kexec image: entry 0x4000000, preserve context, 5 segments")
        .contains("kernel            [0x4200000-0x52fffff]")
        .contains("crash reservation [0xa000000-0xa0fffff]")
        .endsWith(layout.commandLine());
  }

  @Test
  void aSaverOfAFourLevelKernelIsToldToStaySo() throws KexecPlanException {
    SaverLayout layout =
        SaverLayout.plan(request(Machines.q35(), REGION, 4096, PagingMode.FOUR_LEVEL));
    assertThat(layout.commandLine().split(" ")).contains("no5lvl");
  }

  @Test
  void aRegionThatIsTooSmallIsRefusedWithTheBytes() {
    PageRange small = new PageRange(0x4000, 0x5400);
    assertThatThrownBy(
            () -> SaverLayout.plan(request(Machines.q35(), small, 2 << 20, PagingMode.FIVE_LEVEL)))
        .isInstanceOf(KexecPlanException.class)
        .hasMessageMatching("(?s).*20,971,520 bytes is 1,[0-9,]+ bytes too small.*");
  }

  @Test
  void aRegionThatIsNoRamIsRefused() {
    PageRange hole = new PageRange(0x90000, 0x9a000);
    assertThatThrownBy(
            () -> SaverLayout.plan(request(Machines.q35(), hole, 0, PagingMode.FIVE_LEVEL)))
        .isInstanceOf(KexecPlanException.class)
        .hasMessageContaining("not in one range of RAM");
  }

  @Test
  void aKernelIsNotPutBelowWhereItRuns() {
    PageRange low = new PageRange(0xc00, 0x6000);
    assertThatThrownBy(
            () -> SaverLayout.plan(request(Machines.q35(), low, 0, PagingMode.FIVE_LEVEL)))
        .isInstanceOf(KexecPlanException.class)
        .hasMessageContaining("2,097,152 bytes below where it runs");
  }

  @Test
  void moreThanHalfOfWhatTheKernelManagesIsRefused() {
    // 64 MiB of 132 are less than half of the RAM, and more than half of the 95 % of it that the
    // kernel manages.
    MemoryMap map =
        new MemoryMap(
            List.of(
                new Region(0x1000, 0x9f000, Kind.RAM), new Region(0x100000, 132 << 20, Kind.RAM)));
    PageRange region = new PageRange(0x1000, 0x5000);
    assertThat(region.count() * 2).isLessThan(map.ramPages());
    assertThatThrownBy(() -> SaverLayout.plan(request(map, region, 0, PagingMode.FIVE_LEVEL)))
        .isInstanceOf(KexecPlanException.class)
        .hasMessageContaining("bytes too many");
  }

  @Test
  void aCommandLineThatIsTooLongIsRefusedWithTheBytes() {
    SaverLayoutRequest request =
        new SaverLayoutRequest(
            Machines.q35(),
            managed(Machines.q35()),
            REGION,
            KERNEL,
            MemorySegment.NULL,
            List.of("x".repeat(1787)),
            OptionalLong.empty(),
            MemorySegment.NULL,
            PagingMode.FIVE_LEVEL,
            SaverLayout.LOW_MEMORY,
            0);
    assertThatThrownBy(() -> SaverLayout.plan(request))
        .isInstanceOf(KexecPlanException.class)
        .hasMessageContaining("19 bytes too long");
  }

  private static SaverLayoutRequest request(
      MemoryMap map, PageRange region, int initramfsSize, PagingMode paging) {
    MemorySegment initramfs = Arena.ofAuto().allocate(Math.max(1, initramfsSize));
    return new SaverLayoutRequest(
        map,
        managed(map),
        region,
        KERNEL,
        initramfs.asSlice(0, initramfsSize),
        List.of("console=ttyS0", "quiet"),
        OptionalLong.of(0xf5a10),
        MemorySegment.NULL,
        paging,
        SaverLayout.LOW_MEMORY,
        0);
  }

  /** A kernel keeps a part of its RAM from the start, for page structs and its own image. */
  private static long managed(MemoryMap map) {
    return map.ramPages() * 95 / 100;
  }

  private static ByteBuffer stub(SaverLayout layout) {
    long lowMemory =
        layout.image().segments().stream().filter(s -> s.content().byteSize() == 0).count();
    return layout
        .image()
        .segments()
        .get((int) lowMemory)
        .content()
        .asByteBuffer()
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private static Optional<PageRange> region(MemoryMap map, long pages) {
    try (Arena arena = Arena.ofConfined()) {
      PageSet none = PageSet.empty(arena, 0);
      return RegionChoice.choose(map, KERNEL, new RegionChoice.Pageflags(none, none, none), pages)
          .map(RegionChoice.Place::region);
    }
  }

  private static List<PageRange> lowMemory(MemoryMap map) {
    return map.ram().stream()
        .map(SaverLayout.LOW_MEMORY::intersect)
        .filter(range -> !range.isEmpty())
        .toList();
  }

  /** Sorted ranges with neighbours made one; overlapping ranges are an error. */
  private static List<PageRange> joined(List<PageRange> sorted) {
    List<PageRange> joined = new ArrayList<>();
    for (PageRange range : sorted) {
      if (!joined.isEmpty() && joined.getLast().end() == range.start()) {
        joined.add(new PageRange(joined.removeLast().start(), range.end()));
      } else {
        assertThat(joined.isEmpty() || joined.getLast().end() < range.start()).isTrue();
        joined.add(range);
      }
    }
    return joined;
  }
}
