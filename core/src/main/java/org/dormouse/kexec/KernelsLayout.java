package org.dormouse.kexec;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.dormouse.boot.BzImage;
import org.dormouse.boot.PagingMode;
import org.dormouse.boot.Stub;
import org.dormouse.linux.Kexec.Context;
import org.dormouse.linux.Kexec.Segment;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * Several kernels in one image of the original kernel's: each has a region and a part of low
 * memory, and {@link Stub.Dispatch} has a page of low memory that is nobody's.
 *
 * @param image what to load; it is entered at {@link Stub.Dispatch}
 * @param dispatcher the physical address of {@link Stub.Dispatch}
 * @param kernels how each of them starts, in the order of the request
 */
public record KernelsLayout(KexecImage image, long dispatcher, List<SaverLayout> kernels) {
  /**
   * Linux leaves what lies below this PFN alone, for some firmware writes there ({@code
   * early_reserve_memory} in {@code arch/x86/kernel/setup.c}: 64 KiB).
   */
  private static final long LOWEST_SHARE = 0x10;

  /**
   * The least that a kernel needs of low memory, in pages: its real-mode code with stacks and page
   * table ({@code real_mode_size_needed}), some 32 KiB, and while it starts two pages more.
   */
  static final long LEAST_SHARE = 16;

  /** Copies the list. */
  public KernelsLayout {
    kernels = List.copyOf(kernels);
  }

  /**
   * A kernel, not yet started.
   *
   * @param region see {@link RegionChoice}
   * @param kernel from native memory
   * @param initramfs native memory; empty if it has none
   * @param words of its command line; the layout adds its own
   */
  public record Kernel(
      PageRange region, BzImage kernel, MemorySegment initramfs, List<String> words) {
    /** Copies the list. */
    public Kernel {
      words = List.copyOf(words);
    }
  }

  /**
   * What a layout is made from.
   *
   * @param map the original kernel's memory
   * @param managedPages how many pages the original kernel manages: {@code MemTotal}
   * @param table the physical address of the switch table
   * @param acpiRoot physical address of the ACPI RSDP, if known
   * @param screenInfo {@code struct screen_info} of the running kernel
   * @param paging the paging mode that all share
   * @param kernels at least one
   */
  public record Request(
      MemoryMap map,
      long managedPages,
      long table,
      OptionalLong acpiRoot,
      MemorySegment screenInfo,
      PagingMode paging,
      List<Kernel> kernels) {
    /** Copies the list. */
    public Request {
      kernels = List.copyOf(kernels);
    }
  }

  /**
   * Plans them all.
   *
   * @throws KexecPlanException if one cannot be planned, regions overlap, or all together are more
   *     than kexec loads
   */
  public static KernelsLayout plan(Request request) throws KexecPlanException {
    List<PageRange> low = lowMemory(request.map());
    checkDisjoint(request.kernels().stream().map(Kernel::region).toList());
    if (low.isEmpty()) {
      throw KexecPlanException.of("there is no memory below 1 MiB");
    }
    long dispatcher = low.getFirst().startAddress();
    List<PageRange> shares = shares(request.map(), request.kernels().size());
    List<SaverLayout> layouts = new ArrayList<>();
    for (int i = 0; i < request.kernels().size(); i++) {
      layouts.add(layout(request, request.kernels().get(i), shares.get(i), dispatcher));
    }
    List<Segment> segments = new ArrayList<>();
    segments.add(Segment.of(new Stub.Dispatch(request.table()).bytes(), low.getFirst()));
    low.stream().skip(1).forEach(range -> segments.add(Segment.zeros(range)));
    layouts.forEach(layout -> segments.addAll(layout.regionSegments()));
    if (segments.size() > KexecImage.MAX_SEGMENTS) {
      throw KexecPlanException.of(
          "%d kernels together are %d kexec segments, and %d are allowed",
          layouts.size(), segments.size(), KexecImage.MAX_SEGMENTS);
    }
    KexecImage image = new KexecImage(dispatcher, segments, Context.PRESERVE_CONTEXT);
    image.checkFits(request.managedPages());
    return new KernelsLayout(image, dispatcher, layouts);
  }

  /** What of low memory is RAM: all of it is swapped out. */
  public static List<PageRange> lowMemory(MemoryMap map) {
    return map.ram().stream()
        .map(SaverLayout.LOW_MEMORY::intersect)
        .filter(range -> !range.isEmpty())
        .toList();
  }

  /**
   * What each kernel has of low memory: equal parts of the largest piece, none of them the
   * dispatcher's page.
   *
   * @throws KexecPlanException if that is too little for one
   */
  static List<PageRange> shares(MemoryMap map, int kernels) throws KexecPlanException {
    long first =
        Math.max(
            LOWEST_SHARE, lowMemory(map).stream().mapToLong(PageRange::start).min().orElse(0) + 1);
    PageRange usable = new PageRange(first, Math.max(first, SaverLayout.LOW_MEMORY.end()));
    PageRange largest =
        lowMemory(map).stream()
            .map(usable::intersect)
            .max((one, other) -> Long.compare(one.count(), other.count()))
            .orElse(new PageRange(0, 0));
    long each = largest.count() / kernels;
    if (each < LEAST_SHARE) {
      throw KexecPlanException.of(
          "each of %d kernels needs %,d bytes of RAM below 640 KiB, and has %,d",
          kernels, Pages.address(LEAST_SHARE), Pages.address(each));
    }
    return LongStream.range(0, kernels)
        .mapToObj(i -> new PageRange(largest.start() + i * each, largest.start() + (i + 1) * each))
        .toList();
  }

  /** The plan for people. */
  public String describe() {
    return Stream.concat(
            image.describe().lines(),
            kernels.stream().map(layout -> "command line: " + layout.commandLine()))
        .collect(Collectors.joining(System.lineSeparator()));
  }

  private static SaverLayout layout(
      Request request, Kernel kernel, PageRange share, long dispatcher) throws KexecPlanException {
    return SaverLayout.plan(
        new SaverLayoutRequest(
            request.map(),
            request.managedPages(),
            kernel.region(),
            kernel.kernel(),
            kernel.initramfs(),
            kernel.words(),
            request.acpiRoot(),
            request.screenInfo(),
            request.paging(),
            share,
            dispatcher));
  }

  private static void checkDisjoint(List<PageRange> regions) throws KexecPlanException {
    List<PageRange> sorted = regions.stream().sorted().toList();
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i).overlaps(sorted.get(i - 1))) {
        throw KexecPlanException.of(
            "two kernels have the same memory: %s and %s", sorted.get(i - 1), sorted.get(i));
      }
    }
  }
}
