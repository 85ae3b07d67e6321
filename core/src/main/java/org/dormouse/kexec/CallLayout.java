package org.dormouse.kexec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.dormouse.boot.BareProgram;
import org.dormouse.boot.PageTables;
import org.dormouse.boot.PagingMode;
import org.dormouse.boot.ProcessorMode;
import org.dormouse.boot.Register;
import org.dormouse.boot.Registers;
import org.dormouse.boot.Stub.CallProgram;
import org.dormouse.kexec.CallRequest.OutputLength;
import org.dormouse.linux.Kexec.Context;
import org.dormouse.linux.Kexec.Segment;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * A call of a program for the bare processor: what is loaded where.
 *
 * <pre>
 * low memory   stub | its second page | in real mode a segment of 64 KiB: program, input, output … stack
 * area         page tables | list of the results' frames | stack | flat program | input | output
 * </pre>
 *
 * <p>In real mode the area ends behind the list. A program that has its place lies there.
 *
 * @param image what is loaded
 * @param places where
 * @param call what is called, and with what
 * @param input where the input is; in real mode within its segment
 * @param output where the output goes, likewise
 */
public record CallLayout(
    KexecImage image, CallPlaces places, CallProgram.Call call, Bytes input, Bytes output) {
  /**
   * Some bytes of memory.
   *
   * @param address of the first, physical
   * @param count how many
   */
  public record Bytes(long address, long count) {
    @Override
    public String toString() {
      return count == 0
          ? "none"
          : String.format("[0x%x-0x%x], %,d bytes", address, address + count - 1, count);
    }
  }

  /** All of a real-mode program is in one segment. In bytes. */
  private static final int SEGMENT = 1 << 16;

  /** What is left for a real-mode program's stack, at the least, in bytes. */
  private static final int REAL_STACK = 4 << 10;

  /** The stack in the other modes, in bytes. */
  private static final long STACK = 64 << 10;

  private static final int PARAGRAPH = 16;

  /** What the stub may write to besides: video memory and what firmware is there. */
  private static final PageRange ABOVE_LOW = PageRange.within(0xa0000, 0x100000);

  /** Page 0 is not mapped: a program that follows a null pointer is to be caught. */
  private static final PageRange LOW_MEMORY = PageRange.within(0x1000, 0xa0000);

  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** How many pages of low memory the call takes. */
  public static long lowPages(CallRequest request) {
    return CallProgram.PAGES + (isReal(request) ? Pages.holding(SEGMENT) : 0);
  }

  /** How many pages of other memory the call takes. */
  public static long areaPages(CallRequest request) {
    return Area.of(request, 0).output().end();
  }

  /** Where nothing may be put: the results' frames, what has its place, and devices. */
  public static List<PageRange> taken(CallRequest request) {
    List<PageRange> taken = new ArrayList<>(request.data().frames());
    taken.addAll(request.placed());
    taken.addAll(notRam(request));
    return taken;
  }

  /**
   * Plans a call.
   *
   * @param places as large as {@link #lowPages} and {@link #areaPages} say, in RAM, apart from what
   *     is {@link #taken}
   * @throws KexecPlanException if the program cannot be where it wants to be, or all of it is too
   *     large
   */
  public static CallLayout plan(CallRequest request, CallPlaces places) throws KexecPlanException {
    checkPlaced(request);
    Area area = Area.of(request, places.area().start());
    Inside inside = isReal(request) ? real(request, places) : flat(request, area);
    List<Segment> segments = new ArrayList<>();
    segments.add(lowSegment(request, places, area, inside));
    segments.add(headSegment(request, places, area));
    if (!isReal(request)) {
      segments.addAll(programSegments(request, area));
    }
    if (segments.size() > KexecImage.MAX_SEGMENTS) {
      throw KexecPlanException.of(
          "the program is in too many pieces: %d kexec segments, and %d are allowed",
          segments.size(), KexecImage.MAX_SEGMENTS);
    }
    KexecImage image =
        new KexecImage(places.low().startAddress(), segments, Context.PRESERVE_CONTEXT);
    image.checkFits(request.machine().managedPages());
    return new CallLayout(image, places, inside.call(), inside.input(), inside.output());
  }

  /** The plan in lines for people. */
  public List<String> describe() {
    List<String> lines = new ArrayList<>();
    lines.add(
        call.mode() == ProcessorMode.REAL
            ? "real mode: entry " + far(call.entry()) + ", stack " + far(call.stack())
            : String.format(
                "%d bits: entry 0x%x, stack 0x%x", call.mode().bits(), call.entry(), call.stack()));
    lines.add("input " + input);
    lines.add("room for the output " + output);
    image.describe().lines().forEach(lines::add);
    return lines;
  }

  private static String far(long pointer) {
    return String.format("%04x:%04x", pointer >>> 16, pointer & 0xffff);
  }

  private static boolean isReal(CallRequest request) {
    return request.program().mode() == ProcessorMode.REAL;
  }

  private static void checkPlaced(CallRequest request) throws KexecPlanException {
    if (isReal(request) && !(request.program() instanceof BareProgram.Flat)) {
      throw KexecPlanException.of("a program for real mode has to be a flat one");
    }
    for (PageRange pages : request.placed()) {
      if (request.machine().map().ram().stream().noneMatch(ram -> ram.contains(pages))) {
        throw KexecPlanException.of(
            "the program is linked to lie at %s, which is not all RAM on this machine", pages);
      }
      if (request.data().frames().stream().anyMatch(pages::overlaps)) {
        throw KexecPlanException.of("the frames for the results lie where the program is to lie");
      }
    }
  }

  /**
   * The parts of the area, one behind the other.
   *
   * @param tables page tables, as many as there can be
   * @param list of the results' frames
   * @param stack empty in real mode, as what follows
   * @param program empty if it has its place
   * @param input the input
   * @param output the output
   */
  private record Area(
      PageRange tables,
      PageRange list,
      PageRange stack,
      PageRange program,
      PageRange input,
      PageRange output) {
    static Area of(CallRequest request, long start) {
      long real = isReal(request) ? 0 : 1;
      PageRange tables = new PageRange(start, start + mostTables(request));
      PageRange list = behind(tables, request.data().frameCount() * Long.BYTES);
      PageRange stack = behind(list, real * STACK);
      PageRange program =
          behind(
              stack,
              switch (request.program()) {
                case BareProgram.Flat flat -> real * flat.code().byteSize();
                case BareProgram.Placed _ -> 0;
              });
      PageRange input = behind(program, real * request.data().input().byteSize());
      PageRange output = behind(input, real * request.data().capacity());
      return new Area(tables, list, stack, program, input, output);
    }

    private static PageRange behind(PageRange before, long bytes) {
      return new PageRange(before.end(), before.end() + Pages.holding(bytes));
    }

    /** What has content that is made here, and the stack. */
    PageRange head() {
      return new PageRange(tables.start(), stack.end());
    }

    PageRange all() {
      return new PageRange(tables.start(), output.end());
    }
  }

  /** Each writable range is a hole in what is read-only, wherever it lies. */
  private static long mostTables(CallRequest request) {
    PageTables.View view =
        new PageTables.View(List.of(ABOVE_LOW), readable(request), devices(request));
    PagingMode paging = request.machine().paging();
    return PageTables.pages(paging, view) + PageTables.most(paging, 2 + request.placed().size());
  }

  private static List<PageRange> readable(CallRequest request) {
    List<PageRange> memory = new ArrayList<>(request.machine().map().ram());
    memory.add(LOW_MEMORY);
    return CallPlaces.without(PageRange.union(memory), notRam(request));
  }

  /** Device registers that are mapped too. */
  private static List<PageRange> notRam(CallRequest request) {
    List<PageRange> devices = new ArrayList<>(devices(request));
    devices.add(PageTables.LOCAL_APIC);
    return devices;
  }

  private static List<PageRange> devices(CallRequest request) {
    return request.machine().hpet().stream()
        .mapToObj(address -> PageRange.covering(address, address + 1))
        .toList();
  }

  private static PageTables.View view(CallRequest request, CallPlaces places, Area area) {
    List<PageRange> own = new ArrayList<>(request.placed());
    own.add(places.low());
    own.add(area.all());
    List<PageRange> writable = new ArrayList<>(own);
    writable.add(ABOVE_LOW);
    return new PageTables.View(
        writable, CallPlaces.without(readable(request), own), devices(request));
  }

  /** What the program is told. */
  private record Inside(CallProgram.Call call, Bytes input, Bytes output) {}

  /** All in one segment of real mode, but for the stub. */
  private static Inside real(CallRequest request, CallPlaces places) throws KexecPlanException {
    BareProgram.Flat program = (BareProgram.Flat) request.program();
    long segment = places.low().startAddress() + Pages.address(CallProgram.PAGES);
    long input = paragraph(program.code().byteSize());
    long output = paragraph(input + request.data().input().byteSize());
    long end = output + request.data().capacity();
    if (end > SEGMENT - REAL_STACK) {
      throw KexecPlanException.of(
          "program, input and output are %,d bytes; in real mode they may be %,d",
          end, SEGMENT - REAL_STACK);
    }
    long upper = (segment / PARAGRAPH) << 16;
    Registers registers =
        convention(input, request, output)
            .with(Register.DS, segment / PARAGRAPH)
            .with(Register.ES, segment / PARAGRAPH);
    return new Inside(
        new CallProgram.Call(
            ProcessorMode.REAL,
            upper | program.entry(),
            upper | (SEGMENT - Short.BYTES),
            preset(registers, request)),
        new Bytes(segment + input, request.data().input().byteSize()),
        new Bytes(segment + output, request.data().capacity()));
  }

  private static long paragraph(long offset) {
    return Pages.alignUp(offset, PARAGRAPH);
  }

  private static Inside flat(CallRequest request, Area area) {
    long input = area.input().startAddress();
    long output = area.output().startAddress();
    long entry =
        switch (request.program()) {
          case BareProgram.Flat flat -> area.program().startAddress() + flat.entry();
          case BareProgram.Placed placed -> placed.entry();
        };
    return new Inside(
        new CallProgram.Call(
            request.program().mode(),
            entry,
            area.stack().endAddress(),
            preset(convention(input, request, output), request)),
        new Bytes(input, request.data().input().byteSize()),
        new Bytes(output, request.data().capacity()));
  }

  /** What a program finds in its registers: the first four arguments of a C function. */
  private static Registers convention(long input, CallRequest request, long output) {
    return Registers.zero()
        .with(Register.DI, input)
        .with(Register.SI, request.data().input().byteSize())
        .with(Register.DX, output)
        .with(Register.CX, request.data().capacity());
  }

  private static Registers preset(Registers convention, CallRequest request) {
    Registers registers = convention;
    for (CallRequest.Preset preset : request.registers()) {
      registers = registers.with(preset.register(), preset.value());
    }
    return registers;
  }

  /** The stub; in real mode program and input too. */
  private static Segment lowSegment(
      CallRequest request, CallPlaces places, Area area, Inside inside) {
    CallRequest.Data data = request.data();
    byte[] stub =
        new CallProgram(
                area.tables().startAddress(),
                inside.call(),
                new CallProgram.Results(
                    area.list().startAddress(),
                    data.frameCount(),
                    data.token(),
                    inside.output().address(),
                    data.capacity(),
                    data.length() == OutputLength.ALL
                        ? data.capacity()
                        : CallProgram.Results.AS_TOLD),
                new CallProgram.Timer(request.ticks(), request.machine().hpet().orElse(0)))
            .bytes();
    if (!(isReal(request) && request.program() instanceof BareProgram.Flat program)) {
      return Segment.of(stub, places.low());
    }
    byte[] content = Arrays.copyOf(stub, (int) places.low().bytes());
    int segment = CallProgram.PAGES * Pages.SIZE;
    MemorySegment whole = MemorySegment.ofArray(content);
    MemorySegment.copy(program.code(), 0, whole, segment, program.code().byteSize());
    MemorySegment.copy(
        data.input(),
        0,
        whole,
        inside.input().address() - places.low().startAddress(),
        inside.input().count());
    return Segment.of(content, places.low());
  }

  private static Segment headSegment(CallRequest request, CallPlaces places, Area area) {
    byte[] tables =
        PageTables.identity(
            request.machine().paging(), view(request, places, area), area.tables().startAddress());
    long list = area.tables().bytes();
    byte[] head = Arrays.copyOf(tables, (int) (list + request.data().frameCount() * Long.BYTES));
    long at = list;
    for (PageRange run : request.data().frames()) {
      for (long frame = run.start(); frame < run.end(); frame++) {
        MemorySegment.ofArray(head).set(WORD, at, Pages.address(frame));
        at += Long.BYTES;
      }
    }
    return Segment.of(head, area.head());
  }

  private static List<Segment> programSegments(CallRequest request, Area area) {
    List<Segment> segments = new ArrayList<>();
    switch (request.program()) {
      case BareProgram.Flat flat -> segments.add(Segment.of(bytes(flat.code()), area.program()));
      case BareProgram.Placed placed ->
          placed
              .pieces()
              .forEach(each -> segments.add(Segment.of(bytes(each.content()), each.pages())));
    }
    if (!area.input().isEmpty()) {
      segments.add(new Segment(request.data().input(), area.input()));
    }
    if (!area.output().isEmpty()) {
      segments.add(Segment.zeros(area.output()));
    }
    return segments;
  }

  private static byte[] bytes(MemorySegment memory) {
    return memory.toArray(ValueLayout.JAVA_BYTE);
  }
}
