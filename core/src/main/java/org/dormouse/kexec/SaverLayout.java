package org.dormouse.kexec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.dormouse.boot.BootParams;
import org.dormouse.boot.BzImage;
import org.dormouse.boot.E820;
import org.dormouse.boot.EarlyCpio;
import org.dormouse.boot.ElfProgram;
import org.dormouse.boot.PageTables;
import org.dormouse.boot.Stub;
import org.dormouse.linux.Kexec.Context;
import org.dormouse.linux.Kexec.Segment;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * What lies where when the saver kernel starts, and what is loaded so that it comes to lie there.
 *
 * <pre>
 * low memory   zeros
 * region       stub | page tables | boot_params | command line | more E820 entries | … | (way back) | …
 *              | kernel | … | (crash reservation) | … | archive with the way back | initramfs
 * </pre>
 *
 * <p>The kernel begins at a multiple of its alignment and of 2 MiB. The initramfs is at the end, so
 * that what is free lies in one piece behind the kernel. What stands in parentheses is free memory
 * at first.
 *
 * @param image what to load; its segments cover the low memory and all of the region
 * @param addresses where things are
 * @param memory the saver's E820 table: all RAM in it is low memory and the region
 * @param commandLine the saver's command line, the jump back entry still 0
 */
public record SaverLayout(
    KexecImage image, Addresses addresses, List<E820.Entry> memory, String commandLine) {
  /**
   * Where the real-mode code of every kernel has its memory: below 1 MiB up to the video memory,
   * without the page of the BIOS's data, which is no kernel's RAM. A kernel starts its other
   * processors from here ({@code reserve_real_mode} in {@code arch/x86/realmode/init.c}); one that
   * finds no RAM here panics, and the original kernel's code must survive it. So whatever of this
   * is RAM is swapped out like the saver region. Linux uses nothing else below 1 MiB.
   */
  public static final PageRange LOW_MEMORY = PageRange.within(0x1000, 0xa0000);

  /** The command line word in which the saver finds the jump back entry, in hexadecimal. */
  public static final String JUMP_BACK_ENTRY_WORD = "kexec_jump_back_entry=";

  /** The file in the saver's root directory that holds the way back, for kexec-tools. */
  public static final String WAY_BACK_FILE = "way-back.elf";

  /** The size of the crash reservation in bytes: the way back takes a fraction of it. */
  static final long CRASH_RESERVATION = 1L << 20;

  /** What the archive with the way back takes at most, in bytes. */
  static final long EARLY_ARCHIVE_MOST = 128L << 10;

  /** {@code CRASH_ALIGN} in {@code arch/x86/include/asm/crash_reserve.h}, in bytes. */
  private static final long CRASH_ALIGN = 16L << 20;

  /**
   * What a kernel allocates at most before it makes its crash reservation, bytes: page tables, its
   * log ({@code setup_arch} in {@code arch/x86/kernel/setup.c}), with room to spare.
   */
  private static final long EARLY_ALLOCATIONS = 8L << 20;

  /** What GRUB had of its own below a kernel that it started under OVMF, bytes. */
  private static final long BELOW_A_KERNEL = 26L << 20;

  /** How far the way back is kept from the region's start, in bytes. */
  private static final long WAY_BACK_DISTANCE = 64L << 10;

  private static final String JUMP_BACK_ENTRY_UNSET = "0x0000000000000000";

  /**
   * The page of the BIOS's data and low memory. A kernel that has to change the paging mode, and
   * old ones in any case, look there for a place before they have page tables of their own ({@code
   * find_trampoline_placement} in {@code arch/x86/boot/compressed/pgtable_64.c}).
   */
  private static final PageRange LOOKED_AT_EARLY = new PageRange(0, LOW_MEMORY.end());

  /**
   * Where things are; PFNs.
   *
   * @param stub the stub that is jumped to
   * @param pageTables what it runs on
   * @param bootParams the saver's boot_params
   * @param commandLine the pages with the saver's command line
   * @param memoryExtension the pages with the E820 entries that boot_params has no room for,
   *     perhaps none
   * @param wayBack where the program in {@link #WAY_BACK_FILE} goes; free memory until then
   * @param kernel from where the saver kernel is loaded on, as far as it unpacks itself
   * @param crashReservation free memory for {@link JumpBack#onCrash}, if there is a place for it
   * @param wayBackArchive the archive with {@link #WAY_BACK_FILE}
   * @param initramfs the pages with the initramfs, perhaps none
   */
  public record Addresses(
      PageRange stub,
      PageRange pageTables,
      PageRange bootParams,
      PageRange commandLine,
      PageRange memoryExtension,
      PageRange wayBack,
      PageRange kernel,
      Optional<PageRange> crashReservation,
      PageRange wayBackArchive,
      PageRange initramfs) {
    /** What all before the kernel is loaded into. */
    PageRange head() {
      return new PageRange(stub.start(), kernel.start());
    }

    /** What has content of that. */
    PageRange headContent() {
      return new PageRange(stub.start(), memoryExtension.end());
    }

    /** What the kernel is loaded into, and has free at first. */
    PageRange body() {
      return new PageRange(kernel.start(), wayBackArchive.start());
    }
  }

  /**
   * Plans the start of the saver.
   *
   * @throws KexecPlanException if the region is too small or is no place for a kernel, the command
   *     line is too long, low memory has too many pieces, or the whole is more than kexec loads
   */
  public static SaverLayout plan(SaverLayoutRequest request) throws KexecPlanException {
    checkRegion(request);
    List<PageRange> lowMemory =
        request.map().ram().stream()
            .map(ram -> ram.intersect(request.lowMemory()).intersect(LOW_MEMORY))
            .filter(range -> !range.isEmpty())
            .toList();
    List<E820.Entry> memory =
        E820.within(
            request.map(), Stream.concat(lowMemory.stream(), Stream.of(request.region())).toList());
    Addresses addresses = addresses(request, memory.size());
    String commandLine = commandLine(request, addresses);
    EarlyCpio archive = wayBackArchive(request, addresses.wayBack());
    byte[] head = head(request, addresses, memory, commandLine, archive);

    List<Segment> segments = segments(request, addresses, lowMemory, head, archive);
    KexecImage image =
        new KexecImage(addresses.stub().startAddress(), segments, Context.PRESERVE_CONTEXT);
    image.checkFits(request.managedPages());
    return new SaverLayout(image, addresses, memory, commandLine);
  }

  /** The memory for the saver's way back after a panic, if the region has a place for it. */
  public Optional<PageRange> crashReservation() {
    return addresses.crashReservation();
  }

  /** What is loaded into the region, without the low memory. */
  List<Segment> regionSegments() {
    return image.segments().stream()
        .filter(segment -> segment.destination().start() >= LOW_MEMORY.end())
        .toList();
  }

  /** The layout for people: what is loaded, what lies where, and the saver's command line. */
  public String describe() {
    return String.join(
        System.lineSeparator(),
        image.describe(),
        "stub              " + addresses.stub(),
        "page tables       " + addresses.pageTables(),
        "boot parameters   " + addresses.bootParams(),
        "command line      " + addresses.commandLine(),
        "way back          " + addresses.wayBack(),
        "kernel            " + addresses.kernel(),
        "crash reservation " + crashReservation().map(PageRange::toString).orElse("none"),
        "initramfs         " + addresses.initramfs(),
        "saver's arguments " + commandLine);
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
    if (region.endAddress() > RegionChoice.LIMIT) {
      throw KexecPlanException.of("the saver region %s does not end below 4 GiB", region);
    }
    if (!request.kernel().supports(request.paging())) {
      throw KexecPlanException.of(
          "the original kernel runs with 5-level paging, for which the saver kernel %s was not built"
              + " (CONFIG_X86_5LEVEL): it could not jump back",
          request.kernel().release());
    }
  }

  private static Addresses addresses(SaverLayoutRequest request, int memoryEntries)
      throws KexecPlanException {
    PageRange region = request.region();
    BzImage kernel = request.kernel();
    PageRange stub = pages(region.start(), Pages.holding(Stub.SIZE));
    PageRange tables = pages(stub.end(), PageTables.pages(request.paging(), mapped(request)));
    PageRange bootParams = pages(tables.end(), Pages.holding(BootParams.SIZE));
    // The limit, not the length: the command line names addresses that depend on what comes next.
    PageRange commandLine = pages(bootParams.end(), Pages.holding(kernel.commandLineLimit() + 1L));
    PageRange extension =
        pages(commandLine.end(), Pages.holding(BootParams.extensionSize(memoryEntries)));
    long wayBackStart = Math.max(region.start() + Pages.pfn(WAY_BACK_DISTANCE), extension.end());
    PageRange wayBack = pages(wayBackStart, JumpBack.pages(request.paging()));
    long alignment = Math.max(kernel.alignment(), Pages.LARGE_SIZE);
    PageRange code =
        pages(
            Pages.pfn(Pages.alignUp(wayBack.endAddress(), alignment)),
            Pages.holding(kernel.initSize()));
    checkKernelAddress(kernel, code);

    long initramfs = region.end() - Pages.holding(request.initramfs().byteSize());
    long archive = initramfs - Pages.holding(wayBackArchive(request, wayBack).bytes().length);
    if (code.end() > archive) {
      throw KexecPlanException.of(
          "the saver region of %,d bytes is %,d bytes too small to load the saver kernel into",
          region.bytes(), Pages.address(code.end() - archive));
    }
    return new Addresses(
        stub,
        tables,
        bootParams,
        commandLine,
        extension,
        wayBack,
        code,
        crashReservation(new PageRange(code.end(), archive), kernel),
        new PageRange(archive, initramfs),
        new PageRange(initramfs, region.end()));
  }

  private static PageRange pages(long start, long count) {
    return new PageRange(start, start + count);
  }

  private static void checkKernelAddress(BzImage kernel, PageRange code) throws KexecPlanException {
    long missing = kernel.lowestAddress() - code.startAddress();
    if (missing > 0) {
      throw KexecPlanException.of(
          "the saver kernel would be at 0x%x, %,d bytes below where it runs",
          code.startAddress(), missing);
    }
  }

  /**
   * In the middle. At the wake others decide where kernel and initramfs lie in the region, and what
   * prints a panic writes here whatever is here: kexec-tools begin at the region's end and put both
   * there; GRUB puts the kernel at the start or, with UEFI, as low as there is room above what it
   * has there itself, and the initramfs as high. Where the region is too small for a middle it is
   * the lowest place, for a kernel allocates from the top while it starts.
   *
   * @param free between the kernel as it is loaded now, and the initramfs
   */
  private static Optional<PageRange> crashReservation(PageRange free, BzImage kernel) {
    long lowest = Pages.alignUp(free.startAddress(), CRASH_ALIGN);
    long highest = free.endAddress() - kernel.initSize() - EARLY_ALLOCATIONS - CRASH_RESERVATION;
    long middle = Pages.alignUp((free.startAddress() + BELOW_A_KERNEL + highest) / 2, CRASH_ALIGN);
    long start = Math.max(lowest, Math.min(middle, Pages.alignDown(highest, CRASH_ALIGN)));
    PageRange reservation = PageRange.within(start, start + CRASH_RESERVATION);
    return Optional.of(reservation).filter(free::contains);
  }

  /** What the stub needs until the kernel has page tables of its own. */
  private static List<PageRange> mapped(SaverLayoutRequest request) {
    return List.of(LOOKED_AT_EARLY, request.region());
  }

  /** Our own words come first: after a "--" they would be for the init process. */
  private static String commandLine(SaverLayoutRequest request, Addresses addresses)
      throws KexecPlanException {
    List<String> words = new ArrayList<>();
    words.add(JUMP_BACK_ENTRY_WORD + JUMP_BACK_ENTRY_UNSET);
    words.addAll(SaverWords.common(request.paging(), addresses.crashReservation()));
    words.addAll(request.words());
    return SaverWords.join(words, request.kernel());
  }

  private static EarlyCpio wayBackArchive(SaverLayoutRequest request, PageRange wayBack)
      throws KexecPlanException {
    StubPages stub = JumpBack.unknown(request.paging(), wayBack, request.next());
    return EarlyCpio.of(WAY_BACK_FILE, ElfProgram.write(stub.content(), stub.pages()));
  }

  /** The contents of all before the kernel, one behind the other. */
  private static byte[] head(
      SaverLayoutRequest request,
      Addresses addresses,
      List<E820.Entry> memory,
      String commandLine,
      EarlyCpio archive) {
    BootParams bootParams =
        new BootParams(
            request.kernel(),
            addresses.commandLine().startAddress(),
            addresses.wayBackArchive().startAddress(),
            addresses.wayBackArchive().bytes() + request.initramfs().byteSize(),
            memory,
            addresses.memoryExtension().startAddress(),
            request.acpiRoot(),
            request.screenInfo());
    byte[] head = new byte[(int) addresses.headContent().bytes()];
    put(head, addresses, addresses.stub(), enterSaver(addresses, commandLine, archive).bytes());
    put(
        head,
        addresses,
        addresses.pageTables(),
        PageTables.identity(
            request.paging(), mapped(request), addresses.pageTables().startAddress()));
    put(head, addresses, addresses.bootParams(), bootParams.bytes());
    put(head, addresses, addresses.commandLine(), commandLine.getBytes(StandardCharsets.UTF_8));
    put(head, addresses, addresses.memoryExtension(), bootParams.extension());
    return head;
  }

  private static Stub enterSaver(Addresses addresses, String commandLine, EarlyCpio archive) {
    long digits = (long) commandLine.indexOf(JUMP_BACK_ENTRY_UNSET) + "0x".length();
    long word = (long) archive.content() + ElfProgram.CONTENT + Stub.JumpBack.JUMP_BACK_ENTRY;
    return new Stub.EnterSaver(
        addresses.pageTables().startAddress(),
        addresses.commandLine().startAddress() + digits,
        addresses.wayBackArchive().startAddress() + word,
        addresses.bootParams().startAddress(),
        addresses.kernel().startAddress() + BzImage.ENTRY_64);
  }

  private static void put(byte[] head, Addresses addresses, PageRange where, byte[] content) {
    long offset = where.startAddress() - addresses.stub().startAddress();
    System.arraycopy(content, 0, head, (int) offset, content.length);
  }

  private static List<Segment> segments(
      SaverLayoutRequest request,
      Addresses addresses,
      List<PageRange> lowMemory,
      byte[] head,
      EarlyCpio archive)
      throws KexecPlanException {
    List<Segment> segments = new ArrayList<>();
    lowMemory.forEach(range -> segments.add(Segment.zeros(range)));
    segments.add(Segment.of(head, addresses.head()));
    segments.add(new Segment(request.kernel().code(), addresses.body()));
    segments.add(Segment.of(archive.bytes(), addresses.wayBackArchive()));
    if (!addresses.initramfs().isEmpty()) {
      segments.add(new Segment(request.initramfs(), addresses.initramfs()));
    }
    if (segments.size() > KexecImage.MAX_SEGMENTS) {
      throw KexecPlanException.of(
          "the memory below 1 MiB is in too many pieces: %d kexec segments, and %d are allowed",
          segments.size(), KexecImage.MAX_SEGMENTS);
    }
    return segments;
  }
}
