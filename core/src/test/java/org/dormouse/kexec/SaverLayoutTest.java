package org.dormouse.kexec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
import org.dormouse.boot.BootFormatException;
import org.dormouse.boot.BzImage;
import org.dormouse.boot.E820;
import org.dormouse.boot.ElfCoreHeaders;
import org.dormouse.boot.FakeKernel;
import org.dormouse.boot.PagingMode;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.MemoryMap.Kind;
import org.dormouse.memory.MemoryMap.Region;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.junit.jupiter.api.Test;

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
      @ForAll PagingMode paging)
      throws BootFormatException {
    long pages = new SaverNeeds(FakeKernel.INIT_SIZE, initramfsSize, 0, 8 << 20).pages();
    Optional<PageRange> region = region(map, pages);
    Assume.that(region.isPresent());
    try {
      SaverLayout layout = SaverLayout.plan(request(map, region.get(), initramfsSize, paging));
      checkSegments(layout, map, region.get());
      checkMemory(layout, map, region.get());
      checkHeaders(layout, map, region.get());
      Statistics.collect("planned");
    } catch (KexecPlanException e) {
      Statistics.collect("refused");
      assertThat(e).hasMessageMatching(".*(at most half|too many pieces).*");
      assertThat(pages * 2 > map.ramPages() * 9 / 10 || map.regions().size() > 120).isTrue();
    }
    Statistics.coverage(seen -> seen.check("planned").percentage(part -> part > 50));
  }

  private static void checkSegments(SaverLayout layout, MemoryMap map, PageRange region) {
    KexecImage image = layout.image();
    assertThat(image.segments()).hasSizeLessThanOrEqualTo(16);
    assertThat(image.context()).isEqualTo(KexecImage.Context.PRESERVE);
    assertThat(image.entry()).isEqualTo(region.startAddress());
    assertThat(image.pages() * 2).isLessThanOrEqualTo(map.ramPages());
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
    expected.add(new PageRange(region.start(), layout.addresses().elfCoreHeaders().start()));
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

  /** The image is all of A's RAM but what is swapped out: nothing is lost, nothing saved twice. */
  private static void checkHeaders(SaverLayout layout, MemoryMap map, PageRange region)
      throws BootFormatException {
    List<PageRange> read =
        ElfCoreHeaders.parse(layout.image().segments().getLast().content()).stream()
            .map(ElfCoreHeaders.Load::pages)
            .toList();
    assertThat(read).isEqualTo(layout.visible());
    List<PageRange> all = new ArrayList<>(read);
    all.addAll(lowMemory(map));
    all.add(region);
    long pages = all.stream().mapToLong(PageRange::count).sum();
    assertThat(pages).isEqualTo(map.ramPages());
    assertThat(joined(all.stream().sorted().toList())).isEqualTo(joined(map.ram()));
  }

  @Test
  void whatIsLoadedIsWhereTheStubAndTheKernelLook() throws KexecPlanException {
    SaverLayout layout =
        SaverLayout.plan(request(Machines.q35(), REGION, 1_000_001, PagingMode.FIVE_LEVEL));
    List<Segment> segments = layout.image().segments();
    assertThat(segments)
        .extracting(Segment::destination)
        .containsExactly(
            new PageRange(0x1, 0x9f),
            new PageRange(0x4000, 0x4200),
            new PageRange(0x4200, 0xe000 - 1 - 245),
            new PageRange(0xe000 - 1 - 245, 0xe000 - 1),
            new PageRange(0xe000 - 1, 0xe000));
    assertThat(segments.get(0).content().byteSize()).isZero();
    assertThat(segments.get(2).content().get(ValueLayout.JAVA_BYTE, 0))
        .isEqualTo(FakeKernel.CODE_BYTE);
    ByteBuffer head = segments.get(1).content().asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    assertThat(head.getLong(16)).as("digits").isEqualTo(0x4002000 + 24);
    assertThat(head.getLong(24)).as("boot_params").isEqualTo(0x4001000);
    assertThat(head.getLong(32)).as("64-bit entry").isEqualTo(0x4200200);
    assertThat(head.getInt(0x1000 + 0x228)).as("cmd_line_ptr").isEqualTo(0x4002000);
    assertThat(head.getInt(0x1000 + 0x218)).as("ramdisk_image").isEqualTo(0xdf0a000);
    assertThat(head.getInt(0x1000 + 0x21c)).as("ramdisk_size").isEqualTo(1_000_001);
  }

  @Test
  void theCommandLineHasOurWordsFirstAndEndsWithAZero() throws KexecPlanException {
    SaverLayout layout =
        SaverLayout.plan(request(Machines.q35(), REGION, 4096, PagingMode.FIVE_LEVEL));
    String expected =
        "kexec_jump_back_entry=0x0000000000000000 elfcorehdr=0xdfff000 console=ttyS0 quiet";
    assertThat(layout.commandLine()).isEqualTo(expected);
    byte[] loaded =
        layout.image().segments().get(1).content().asSlice(0x2000).toArray(ValueLayout.JAVA_BYTE);
    assertThat(new String(loaded, 0, expected.length() + 1, StandardCharsets.US_ASCII))
        .isEqualTo(expected + "\0");
  }

  @Test
  void describesItself() throws KexecPlanException {
    SaverLayout layout =
        SaverLayout.plan(request(Machines.q35(), REGION, 4096, PagingMode.FIVE_LEVEL));
    assertThat(layout.describe())
        .startsWith("kexec image: entry 0x4000000, preserve context, 5 segments")
        .contains("kernel            [0x4200000-0x52fffff]")
        .contains("ELF core headers  [0xdfff000-0xdffffff]")
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
        .hasMessageContaining("20,971,520 bytes is 1,052,672 bytes too small");
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
  void moreThanHalfOfTheMemoryIsRefused() {
    MemoryMap map =
        new MemoryMap(
            List.of(
                new Region(0x1000, 0x9f000, Kind.RAM), new Region(0x100000, 96 << 20, Kind.RAM)));
    assertThatThrownBy(
            () ->
                SaverLayout.plan(
                    request(map, new PageRange(0x1000, 0x5000), 0, PagingMode.FIVE_LEVEL)))
        .isInstanceOf(KexecPlanException.class)
        .hasMessageContaining("bytes too many");
  }

  @Test
  void aCommandLineThatIsTooLongIsRefusedWithTheBytes() {
    SaverLayoutRequest request =
        new SaverLayoutRequest(
            Machines.q35(),
            REGION,
            KERNEL,
            MemorySegment.NULL,
            List.of("x".repeat(2000)),
            List.of(),
            OptionalLong.empty(),
            PagingMode.FIVE_LEVEL);
    assertThatThrownBy(() -> SaverLayout.plan(request))
        .isInstanceOf(KexecPlanException.class)
        .hasMessageContaining("15 bytes too long");
  }

  private static SaverLayoutRequest request(
      MemoryMap map, PageRange region, int initramfsSize, PagingMode paging) {
    MemorySegment initramfs = Arena.ofAuto().allocate(Math.max(1, initramfsSize));
    return new SaverLayoutRequest(
        map,
        region,
        KERNEL,
        initramfs.asSlice(0, initramfsSize),
        List.of("console=ttyS0", "quiet"),
        List.of(new ElfCoreHeaders.Note(0x3f05b000L, 0x1024)),
        OptionalLong.of(0xf5a10),
        paging);
  }

  private static Optional<PageRange> region(MemoryMap map, long pages) {
    try (Arena arena = Arena.ofConfined()) {
      return RegionChoice.choose(map, List.of(), PageSet.empty(arena, 0), pages);
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
