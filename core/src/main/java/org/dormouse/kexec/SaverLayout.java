package org.dormouse.kexec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.dormouse.boot.BootParams;
import org.dormouse.boot.BzImage;
import org.dormouse.boot.E820;
import org.dormouse.boot.ElfCoreHeaders;
import org.dormouse.boot.PagingMode;
import org.dormouse.boot.Stub;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * What lies where when the saver kernel starts, and what is loaded so that it comes to lie there.
 *
 * <pre>
 * low memory   zeros
 * region       stub | boot_params | command line | … | kernel | … | initramfs | ELF core headers
 * </pre>
 *
 * <p>The kernel begins at a multiple of its alignment and of 2 MiB. The initramfs and the headers
 * are at the end, so that what is free lies in one piece behind the kernel.
 *
 * @param image what to load; its segments cover the low memory and all of the region
 * @param addresses where things are
 * @param memory the saver's E820 table: all RAM in it is low memory, and the region without the ELF
 *     core headers
 * @param commandLine the saver's command line, the jump back entry still 0
 * @param visible what the saver sees of the original kernel in {@code /proc/vmcore}, in the order
 *     in which it lies there: what an image is made from
 */
public record SaverLayout(
    KexecImage image,
    Addresses addresses,
    List<E820.Entry> memory,
    String commandLine,
    List<PageRange> visible) {
  /**
   * Where the real-mode code of every kernel has its memory: below 1 MiB up to the video memory,
   * without the page of the BIOS's data, which is no kernel's RAM. A kernel starts its other
   * processors from here ({@code reserve_real_mode} in {@code arch/x86/realmode/init.c}); one that
   * finds no RAM here panics, and the original kernel's code must survive it. So whatever of this
   * is RAM is swapped out like the saver region. Linux uses nothing else below 1 MiB.
   */
  public static final PageRange LOW_MEMORY = PageRange.within(0x1000, 0xa0000);

  /** The command line word for the address of the ELF core headers. */
  public static final String ELF_CORE_HEADERS_WORD = "elfcorehdr=";

  /** The command line word in which the saver finds the jump back entry, in hexadecimal. */
  public static final String JUMP_BACK_ENTRY_WORD = "kexec_jump_back_entry=";

  private static final String JUMP_BACK_ENTRY_UNSET = "0x0000000000000000";
  private static final String FOUR_LEVEL_WORD = "no5lvl";

  /** Low memory and the page of the BIOS's data before it. */
  private static final PageRange NEVER_VISIBLE = new PageRange(0, LOW_MEMORY.end());

  /**
   * Where things are; PFNs.
   *
   * @param stub the stub that is jumped to
   * @param bootParams the saver's boot_params
   * @param commandLine the pages with the saver's command line
   * @param kernel from where the saver kernel is loaded on, as far as it unpacks itself
   * @param initramfs the pages with the initramfs, perhaps none
   * @param elfCoreHeaders the pages with the ELF core headers
   */
  public record Addresses(
      PageRange stub,
      PageRange bootParams,
      PageRange commandLine,
      PageRange kernel,
      PageRange initramfs,
      PageRange elfCoreHeaders) {
    /** What the stub, the boot parameters and the command line are loaded into. */
    PageRange head() {
      return new PageRange(stub.start(), kernel.start());
    }

    /** What the kernel is loaded into, and has free at first. */
    PageRange body() {
      return new PageRange(kernel.start(), initramfs.start());
    }

    /** The part of the region that is the saver's RAM. */
    PageRange ram() {
      return new PageRange(stub.start(), elfCoreHeaders.start());
    }
  }

  /**
   * Plans the start of the saver.
   *
   * @throws KexecPlanException if the region is too small or is no place for a kernel, the command
   *     line is too long, the memory map has too many pieces, or the whole is more than kexec loads
   */
  public static SaverLayout plan(SaverLayoutRequest request) throws KexecPlanException {
    checkRegion(request);
    List<PageRange> lowMemory =
        request.map().ram().stream()
            .map(LOW_MEMORY::intersect)
            .filter(range -> !range.isEmpty())
            .toList();
    List<PageRange> visible = visible(request.map(), request.region());
    Addresses addresses = addresses(request, visible.size());
    String commandLine = commandLine(request, addresses);
    List<E820.Entry> memory = memory(request.map(), lowMemory, addresses);
    BootParams bootParams = bootParams(request, addresses, memory);

    byte[] head = head(addresses, commandLine, bootParams);
    byte[] headers = ElfCoreHeaders.write(visible, request.notes());
    List<Segment> segments = segments(request, addresses, lowMemory, head, headers);
    KexecImage image =
        new KexecImage(addresses.stub().startAddress(), segments, KexecImage.Context.PRESERVE);
    image.checkFits(request.map().ramPages());
    return new SaverLayout(image, addresses, memory, commandLine, visible);
  }

  /**
   * The RAM of the original kernel that is in its place while the saver runs: all but the low
   * memory and the region. What was in those is in pages of the original kernel that are among
   * these.
   *
   * @return ascending, disjoint, none of them empty
   */
  public static List<PageRange> visible(MemoryMap map, PageRange region) {
    return map.ram().stream()
        .flatMap(range -> without(range, NEVER_VISIBLE))
        .flatMap(range -> without(range, region))
        .toList();
  }

  /** The layout for people: what is loaded, what lies where, and the saver's command line. */
  public String describe() {
    return String.join(
        System.lineSeparator(),
        image.describe(),
        "stub              " + addresses.stub(),
        "boot parameters   " + addresses.bootParams(),
        "command line      " + addresses.commandLine(),
        "kernel            " + addresses.kernel(),
        "initramfs         " + addresses.initramfs(),
        "ELF core headers  " + addresses.elfCoreHeaders(),
        "saver's arguments " + commandLine);
  }

  private static Stream<PageRange> without(PageRange range, PageRange hole) {
    if (!range.overlaps(hole)) {
      return Stream.of(range);
    }
    PageRange before = new PageRange(range.start(), Math.max(range.start(), hole.start()));
    PageRange after = new PageRange(Math.min(range.end(), hole.end()), range.end());
    return Stream.of(before, after).filter(part -> !part.isEmpty());
  }

  private static void checkRegion(SaverLayoutRequest request) throws KexecPlanException {
    PageRange region = request.region();
    if (region.startAddress() % Pages.LARGE_SIZE != 0 || region.bytes() % Pages.LARGE_SIZE != 0) {
      throw KexecPlanException.of("the saver region %s is not made of whole 2 MiB", region);
    }
    if (region.isEmpty() || request.map().ram().stream().noneMatch(ram -> ram.contains(region))) {
      throw KexecPlanException.of("the saver region %s is not in one range of RAM", region);
    }
    if (region.start() < LOW_MEMORY.end()) {
      throw KexecPlanException.of("the saver region %s begins in low memory", region);
    }
    if (!request.kernel().supports(request.paging())) {
      throw KexecPlanException.of(
          "the original kernel runs with 5-level paging, for which the saver kernel %s was not built"
              + " (CONFIG_X86_5LEVEL): it could not jump back",
          request.kernel().release());
    }
  }

  private static Addresses addresses(SaverLayoutRequest request, int visibleRanges)
      throws KexecPlanException {
    PageRange region = request.region();
    BzImage kernel = request.kernel();
    long stub = region.start();
    long bootParams = stub + Pages.holding(Stub.SIZE);
    long commandLine = bootParams + Pages.holding(BootParams.SIZE);
    // The limit, not the length: the command line holds addresses that depend on what comes next.
    long commandLineEnd = commandLine + Pages.holding(kernel.commandLineLimit() + 1L);
    long alignment = Math.max(kernel.alignment(), Pages.LARGE_SIZE);
    long kernelStart = Pages.pfn(Pages.alignUp(Pages.address(commandLineEnd), alignment));
    long kernelEnd = kernelStart + Pages.holding(kernel.initSize());
    long initramfsPages = Pages.holding(request.initramfs().byteSize());
    long headerPages = ElfCoreHeaders.pagesNeeded(visibleRanges, request.notes().size());
    long missing = kernelEnd + initramfsPages + headerPages - region.end();
    if (missing > 0) {
      throw KexecPlanException.of(
          "the saver region of %,d bytes is %,d bytes too small to load the saver kernel into",
          region.bytes(), Pages.address(missing));
    }
    if (Pages.address(kernelStart) < kernel.lowestAddress()) {
      throw KexecPlanException.of(
          "the saver kernel would be at 0x%x, %,d bytes below where it runs",
          Pages.address(kernelStart), kernel.lowestAddress() - Pages.address(kernelStart));
    }
    long headers = region.end() - headerPages;
    long initramfs = headers - initramfsPages;
    return new Addresses(
        new PageRange(stub, bootParams),
        new PageRange(bootParams, commandLine),
        new PageRange(commandLine, commandLineEnd),
        new PageRange(kernelStart, kernelEnd),
        new PageRange(initramfs, headers),
        new PageRange(headers, region.end()));
  }

  /** Our own words come first: after a "--" they would be for the init process. */
  private static String commandLine(SaverLayoutRequest request, Addresses addresses)
      throws KexecPlanException {
    List<String> words = new ArrayList<>();
    words.add(JUMP_BACK_ENTRY_WORD + JUMP_BACK_ENTRY_UNSET);
    words.add(
        ELF_CORE_HEADERS_WORD + String.format("0x%x", addresses.elfCoreHeaders().startAddress()));
    if (request.paging() == PagingMode.FOUR_LEVEL) {
      words.add(FOUR_LEVEL_WORD);
    }
    words.addAll(request.words());
    String commandLine = String.join(" ", words);
    int excess =
        commandLine.getBytes(StandardCharsets.UTF_8).length - request.kernel().commandLineLimit();
    if (excess > 0) {
      throw KexecPlanException.of(
          "the saver's command line is %d bytes too long for its kernel, which takes %d",
          excess, request.kernel().commandLineLimit());
    }
    return commandLine;
  }

  private static List<E820.Entry> memory(
      MemoryMap map, List<PageRange> lowMemory, Addresses addresses) throws KexecPlanException {
    List<E820.Entry> memory =
        E820.within(map, Stream.concat(lowMemory.stream(), Stream.of(addresses.ram())).toList());
    if (memory.size() > E820.MAX_ENTRIES) {
      throw KexecPlanException.of(
          "the memory map has too many pieces: the saver would get %d E820 entries, and %d fit",
          memory.size(), E820.MAX_ENTRIES);
    }
    return memory;
  }

  private static BootParams bootParams(
      SaverLayoutRequest request, Addresses addresses, List<E820.Entry> memory)
      throws KexecPlanException {
    if (addresses.elfCoreHeaders().endAddress() > RegionChoice.LIMIT
        && !request.kernel().loadableAbove4G()) {
      throw KexecPlanException.of("the saver kernel does not run above 4 GiB");
    }
    return new BootParams(
        request.kernel(),
        addresses.commandLine().startAddress(),
        addresses.initramfs().startAddress(),
        request.initramfs().byteSize(),
        memory,
        request.acpiRoot());
  }

  /** The contents of stub, boot_params and command line, one behind the other. */
  private static byte[] head(Addresses addresses, String commandLine, BootParams bootParams) {
    long digits = (long) commandLine.indexOf(JUMP_BACK_ENTRY_UNSET) + "0x".length();
    Stub stub =
        new Stub.EnterSaver(
            addresses.commandLine().startAddress() + digits,
            addresses.bootParams().startAddress(),
            addresses.kernel().startAddress() + BzImage.ENTRY_64);
    long base = addresses.stub().startAddress();
    byte[] head = new byte[(int) (addresses.commandLine().endAddress() - base)];
    put(head, 0, stub.bytes());
    put(head, addresses.bootParams().startAddress() - base, bootParams.bytes());
    put(
        head,
        addresses.commandLine().startAddress() - base,
        commandLine.getBytes(StandardCharsets.UTF_8));
    return head;
  }

  private static void put(byte[] target, long offset, byte[] source) {
    System.arraycopy(source, 0, target, (int) offset, source.length);
  }

  private static List<Segment> segments(
      SaverLayoutRequest request,
      Addresses addresses,
      List<PageRange> lowMemory,
      byte[] head,
      byte[] headers)
      throws KexecPlanException {
    List<Segment> segments = new ArrayList<>();
    lowMemory.forEach(range -> segments.add(Segment.zeros(range)));
    segments.add(Segment.of(head, addresses.head()));
    segments.add(new Segment(request.kernel().code(), addresses.body()));
    if (!addresses.initramfs().isEmpty()) {
      segments.add(new Segment(request.initramfs(), addresses.initramfs()));
    }
    segments.add(Segment.of(headers, addresses.elfCoreHeaders()));
    if (segments.size() > KexecImage.MAX_SEGMENTS) {
      throw KexecPlanException.of(
          "the memory below 1 MiB is in too many pieces: %d kexec segments, and %d are allowed",
          segments.size(), KexecImage.MAX_SEGMENTS);
    }
    return segments;
  }
}
