package org.dormouse.kexec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.dormouse.boot.BareProgram;
import org.dormouse.boot.BareProgram.Placed;
import org.dormouse.boot.PagingMode;
import org.dormouse.boot.ProcessorMode;
import org.dormouse.boot.Register;
import org.dormouse.boot.Translation;
import org.dormouse.kexec.CallRequest.OutputLength;
import org.dormouse.kexec.CallRequest.Preset;
import org.dormouse.linux.Kexec.Context;
import org.dormouse.linux.Kexec.Segment;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.PageRange;
import org.junit.jupiter.api.Test;

class CallLayoutTest {
  private static final PageRange VIDEO = new PageRange(0xa0, 0x100);

  // Offsets of parameters in call-program.S
  private static final int PAGE_TABLES = 16;
  private static final int FRAMES = 48;
  private static final int FRAME_COUNT = 56;
  private static final int OUTPUT = 72;

  @Provide
  Arbitrary<MemoryMap> machines() {
    return Arbitraries.oneOf(Machines.upTo(150L << 20), Machines.upTo(64L << 30));
  }

  @Property(tries = 300)
  void everyCallKeepsTheRules(
      @ForAll("machines") MemoryMap map,
      @ForAll ProcessorMode mode,
      @ForAll PagingMode paging,
      @ForAll @IntRange(min = 1, max = 20_000) int codeBytes,
      @ForAll @IntRange(max = 15_000) int inputBytes,
      @ForAll @LongRange(max = 20_000) long capacity,
      @ForAll long seed)
      throws KexecPlanException {
    Random random = new Random(seed);
    Optional<PageRange> run = somewhere(map, CallRequest.Data.frames(capacity), random);
    Assume.that(run.isPresent());
    CallRequest request =
        request(
            map,
            paging,
            BareProgram.flat(mode, random(codeBytes, random)),
            data(random(inputBytes, random), List.of(run.get()), capacity));
    Optional<CallPlaces> places = places(request);
    Assume.that(places.isPresent());
    CallLayout layout = CallLayout.plan(request, places.get());
    checkSegments(layout, request);
    checkTables(layout, request, random);
    checkContents(layout, request);
    if (mode == ProcessorMode.REAL) {
      long end = layout.output().address() + layout.output().count();
      assertThat(end - (layout.call().entry() >>> 16) * 16).isLessThanOrEqualTo(60 << 10);
      assertThat(layout.places().low().endAddress()).isLessThanOrEqualTo(0xa0000);
    }
  }

  private static void checkSegments(CallLayout layout, CallRequest request) {
    assertThat(layout.image().context()).isEqualTo(Context.PRESERVE_CONTEXT);
    assertThat(layout.image().entry()).isEqualTo(layout.places().low().startAddress());
    List<PageRange> ram = request.machine().map().ram();
    for (Segment segment : layout.image().segments()) {
      PageRange pages = segment.destination();
      assertThat(ram).as("%s in RAM", pages).anyMatch(range -> range.contains(pages));
      assertThat(request.data().frames()).noneMatch(pages::overlaps);
      assertThat(layout.places().low().contains(pages) || layout.places().area().contains(pages))
          .as("%s is where it was planned", pages)
          .isTrue();
    }
    assertThat(layout.image().pages())
        .as("all of it is swapped out")
        .isEqualTo(layout.places().low().count() + layout.places().area().count());
  }

  private static void checkTables(CallLayout layout, CallRequest request, Random random) {
    long root = word(layout, PAGE_TABLES);
    assertThat(root).isEqualTo(layout.places().area().startAddress());
    Translation translation =
        new Translation(
            request.machine().paging(), layout.image().segments().get(1).content(), root);
    assertThat(translation.maps(0)).as("null").isFalse();
    for (PageRange ram : request.machine().map().ram()) {
      for (long page : somePages(ram, random)) {
        boolean own = layout.places().low().contains(page) || layout.places().area().contains(page);
        assertThat(translation.maps(page << 12)).as("page 0x%x", page).isTrue();
        assertThat(translation.isWritable(page << 12)).as("page 0x%x", page).isEqualTo(own);
      }
    }
    for (long page : somePages(layout.places().area(), random)) {
      assertThat(translation.isWritable(page << 12)).isTrue();
    }
    assertThat(translation.isWritable(VIDEO.startAddress())).isTrue();
    assertThat(translation.isWritable(VIDEO.endAddress() - 1)).isTrue();
    assertThat(translation.isWritable(0xfed00000L)).as("HPET").isTrue();
    assertThat(translation.isWritable(0xfee00000L)).as("APIC").isTrue();
  }

  private static void checkContents(CallLayout layout, CallRequest request) {
    assertThat(loaded(layout, layout.input().address(), (int) layout.input().count()))
        .isEqualTo(request.data().input().toArray(ValueLayout.JAVA_BYTE));
    byte[] code = ((BareProgram.Flat) request.program()).code().toArray(ValueLayout.JAVA_BYTE);
    assertThat(loaded(layout, entryAddress(layout), code.length)).isEqualTo(code);
    assertThat(word(layout, OUTPUT)).isEqualTo(layout.output().address());
    assertThat(word(layout, FRAME_COUNT))
        .isEqualTo(CallRequest.Data.frames(request.data().capacity()));
    ByteBuffer list =
        ByteBuffer.wrap(loaded(layout, word(layout, FRAMES), (int) word(layout, FRAME_COUNT) * 8))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (PageRange run : request.data().frames()) {
      for (long frame = run.start(); frame < run.end(); frame++) {
        assertThat(list.getLong()).isEqualTo(frame << 12);
      }
    }
  }

  private static long entryAddress(CallLayout layout) {
    long entry = layout.call().entry();
    return layout.call().mode() == ProcessorMode.REAL
        ? (entry >>> 16) * 16 + (entry & 0xffff)
        : entry;
  }

  @Test
  void aProgramThatHasItsPlaceGetsIt() throws KexecPlanException {
    PageRange place = new PageRange(0x4000, 0x4003);
    CallRequest request = placed(place);
    CallLayout layout = CallLayout.plan(request, places(request).orElseThrow());
    assertThat(layout.call().entry()).isEqualTo(0x4000010);
    assertThat(layout.image().segments()).anyMatch(each -> each.destination().equals(place));
    Translation translation =
        new Translation(
            PagingMode.FOUR_LEVEL,
            layout.image().segments().get(1).content(),
            word(layout, PAGE_TABLES));
    assertThat(translation.isWritable(place.endAddress() - 1)).isTrue();
    assertThat(translation.isWritable(place.endAddress())).isFalse();
  }

  @Test
  void aProgramThatWantsToLieWhereThereIsNoRamIsRefused() {
    CallRequest request = placed(new PageRange(0xb0000, 0xb0001));
    assertThatThrownBy(() -> CallLayout.plan(request, places(request).orElseThrow()))
        .isInstanceOf(KexecPlanException.class)
        .hasMessageContaining("[0xb0000000-0xb0000fff]")
        .hasMessageContaining("not all RAM");
  }

  @Test
  void whatDoesNotFitIntoASegmentIsRefused() {
    CallRequest request =
        request(
            Machines.q35(),
            PagingMode.FOUR_LEVEL,
            BareProgram.flat(ProcessorMode.REAL, new byte[50_000]),
            data(new byte[12_000], List.of(new PageRange(0x5000, 0x5001)), 0));
    assertThatThrownBy(() -> CallLayout.plan(request, places(request).orElseThrow()))
        .isInstanceOf(KexecPlanException.class)
        .hasMessageContaining("62,000 bytes; in real mode they may be 61,440");
  }

  @Test
  void presetsComeBeforeTheConvention() throws KexecPlanException {
    CallRequest plain =
        request(
            Machines.q35(),
            PagingMode.FOUR_LEVEL,
            BareProgram.flat(ProcessorMode.REAL, new byte[] {1}),
            data(new byte[7], List.of(new PageRange(0x5000, 0x5001)), 0));
    CallRequest request =
        new CallRequest(
            plain.machine(),
            plain.program(),
            plain.data(),
            List.of(new Preset(Register.AX, 0xe801), new Preset(Register.SI, 5)),
            0);
    CallLayout layout = CallLayout.plan(request, places(request).orElseThrow());
    assertThat(layout.call().registers().get(Register.AX)).isEqualTo(0xe801);
    assertThat(layout.call().registers().get(Register.SI)).isEqualTo(5);
    assertThat(layout.call().registers().get(Register.DI)).isEqualTo(16);
    assertThat(layout.call().registers().get(Register.ES)).isEqualTo(layout.call().entry() >>> 16);
    assertThat(layout.describe()).anyMatch(line -> line.startsWith("real mode: entry 1200:0000"));
  }

  @Property(tries = 500)
  void theLowestPlaceIsInMemoryAndOnNothingThatIsTaken(
      @ForAll("machines") MemoryMap map,
      @ForAll @LongRange(min = 1, max = 3000) long pages,
      @ForAll long seed) {
    Random random = new Random(seed);
    List<PageRange> taken = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      somewhere(map, 1 + random.nextInt(20), random).ifPresent(taken::add);
    }
    Optional<PageRange> found = CallPlaces.lowest(map.ram(), CallPlaces.HIGH, taken, pages);
    Assume.that(found.isPresent());
    PageRange place = found.get();
    assertThat(place.count()).isEqualTo(pages);
    assertThat(CallPlaces.HIGH.contains(place)).isTrue();
    assertThat(map.ram()).anyMatch(range -> range.contains(place));
    assertThat(taken).noneMatch(place::overlaps);
  }

  private static CallRequest placed(PageRange place) {
    return request(
        Machines.q35(),
        PagingMode.FOUR_LEVEL,
        new Placed(
            ProcessorMode.LONG,
            List.of(new Placed.Piece(place, MemorySegment.ofArray(new byte[] {1}))),
            place.startAddress() + 0x10),
        data(new byte[0], List.of(new PageRange(0x5000, 0x5001)), 0));
  }

  private static CallRequest request(
      MemoryMap map, PagingMode paging, BareProgram program, CallRequest.Data data) {
    return new CallRequest(
        new CallRequest.Machine(map, map.ramPages(), paging, OptionalLong.of(0xfed00000L)),
        program,
        data,
        List.of(),
        0);
  }

  private static CallRequest.Data data(byte[] input, List<PageRange> frames, long capacity) {
    MemorySegment memory = Arena.ofAuto().allocate(Math.max(1, input.length));
    MemorySegment.copy(MemorySegment.ofArray(input), 0, memory, 0, input.length);
    return new CallRequest.Data(
        memory.asSlice(0, input.length), frames, 42, capacity, OutputLength.AS_TOLD);
  }

  private static Optional<CallPlaces> places(CallRequest request) {
    List<PageRange> ram = request.machine().map().ram();
    List<PageRange> taken = CallLayout.taken(request);
    Optional<PageRange> low =
        CallPlaces.lowest(ram, CallPlaces.LOW, taken, CallLayout.lowPages(request));
    Optional<PageRange> area =
        CallPlaces.lowest(ram, CallPlaces.HIGH, taken, CallLayout.areaPages(request));
    return low.flatMap(there -> area.map(more -> new CallPlaces(there, more)));
  }

  private static Optional<PageRange> somewhere(MemoryMap map, long pages, Random random) {
    List<PageRange> fit = map.ram().stream().filter(range -> range.count() >= pages).toList();
    if (fit.isEmpty()) {
      return Optional.empty();
    }
    PageRange range = fit.get(random.nextInt(fit.size()));
    long start = range.start() + random.nextLong(range.count() - pages + 1);
    return Optional.of(new PageRange(start, start + pages));
  }

  private static long[] somePages(PageRange range, Random random) {
    return new long[] {
      range.start(),
      range.end() - 1,
      range.start() + random.nextLong(range.count()),
      range.start() + random.nextLong(range.count())
    };
  }

  private static byte[] random(int bytes, Random random) {
    byte[] content = new byte[bytes];
    random.nextBytes(content);
    return content;
  }

  private static long word(CallLayout layout, int offset) {
    ByteBuffer stub = layout.image().segments().getFirst().content().asByteBuffer();
    return stub.order(ByteOrder.LITTLE_ENDIAN).getLong(offset);
  }

  /** What lies there when all is loaded. */
  private static byte[] loaded(CallLayout layout, long address, int bytes) {
    if (bytes == 0) {
      return new byte[0];
    }
    for (Segment segment : layout.image().segments()) {
      PageRange pages = segment.destination();
      if (pages.startAddress() <= address && address < pages.endAddress()) {
        return segment
            .content()
            .asSlice(address - pages.startAddress(), bytes)
            .toArray(ValueLayout.JAVA_BYTE);
      }
    }
    throw new AssertionError(String.format("nothing is loaded at 0x%x", address));
  }
}
