package org.dormouse.sleep;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.dormouse.boot.BootFormatException;
import org.dormouse.boot.BzImage;
import org.dormouse.boot.PagingMode;
import org.dormouse.codec.Codec;
import org.dormouse.codec.Zstd;
import org.dormouse.image.CodecChoice;
import org.dormouse.image.SaverFiles;
import org.dormouse.kexec.KexecPlanException;
import org.dormouse.kexec.RegionChoice;
import org.dormouse.kexec.RestoreCommandLine;
import org.dormouse.kexec.SaverLayout;
import org.dormouse.kexec.SaverLayoutRequest;
import org.dormouse.kexec.SaverNeeds;
import org.dormouse.linux.Mapping;
import org.dormouse.linux.PhysicalPages;
import org.dormouse.linux.ScreenInfo;
import org.dormouse.machine.FreePages;
import org.dormouse.machine.MachineFacts;
import org.dormouse.memory.FreePagePolicy;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.protocol.Original;
import org.dormouse.protocol.SaverSoftware;
import org.dormouse.protocol.SaverWords;
import org.dormouse.text.Quantity;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/**
 * In the original kernel: plans a saver from its files and from what was seen of the machine.
 * Changes nothing.
 */
final class SaverPlanner implements AutoCloseable {
  /**
   * What the saver needs, in bytes, beyond its kernel and initramfs and what it gets back when the
   * packed initramfs is freed: slabs and per-CPU memory, the Java heap and code cache, the
   * pipeline's buffers. Some 13 MiB of it are left at the end of a save; a passphrase takes 12 for
   * a moment.
   */
  private static final long WORKING_BYTES = 26L << 20;

  /** The same for each CPU: kernel and compiler threads, a worker and its buffer. */
  private static final long WORKING_BYTES_PER_CPU = 5L << 20;

  /**
   * How much of what is left the compressors of all CPUs may take, in bytes, that a person asks
   * for: half of it. LZ4's take 16 KiB each.
   */
  private static final long COMPRESSOR_BYTES = 6L << 20;

  /** Bitmaps of what is saved, free and in use, for each page of RAM: three bits, and one spare. */
  private static final long PAGES_PER_BITMAP_BYTE = 2;

  private static final String UNTOUCHED = "Nothing was changed; the machine goes on.";

  private final MachineFacts machine;
  private final SaverSoftware software;
  private final Arena files = Arena.ofConfined();
  private final BzImage kernel;
  private final MemorySegment kernelFile;
  private final MemorySegment initramfsFile;

  /**
   * Opens the saver's files.
   *
   * @throws ReportException if the kernel is none that can save
   */
  SaverPlanner(MachineFacts machine, SaverSoftware software) throws IOException {
    this.machine = machine;
    this.software = software;
    try {
      kernelFile = Mapping.ofFile(software.kernel(), files);
      kernel = BzImage.parse(kernelFile);
      initramfsFile = Mapping.ofFile(software.initramfs(), files);
    } catch (BootFormatException e) {
      files.close();
      throw new ReportException(
          new Report(
              software.kernel() + " is no kernel that can save: " + e.getMessage(),
              UNTOUCHED,
              "Name a bzImage with --kernel."),
          e);
    } catch (IOException e) {
      files.close();
      throw e;
    }
  }

  /** What was seen of the machine. */
  MachineFacts machine() {
    return machine;
  }

  /** What the saver is started from. */
  SaverSoftware software() {
    return software;
  }

  /** The kernel's file, as long as this is open. */
  MemorySegment kernelFile() {
    return kernelFile;
  }

  /** The initramfs's file, as long as this is open. */
  MemorySegment initramfsFile() {
    return initramfsFile;
  }

  /** What the saver region is made of. */
  SaverNeeds needs() {
    return new SaverNeeds(
        kernel.initSize(),
        initramfsFile.byteSize(),
        software.unpackedBytes(),
        WORKING_BYTES
            + WORKING_BYTES_PER_CPU * SaverWords.cpus(machine.processor().online())
            + machine.ioMemory().map().ramPages() / PAGES_PER_BITMAP_BYTE);
  }

  /**
   * Checks that the saver has the memory to compress so.
   *
   * @throws ReportException if it has not
   */
  void checkCodec(Optional<CodecChoice> codec) throws ReportException {
    if (codec.isPresent() && codec.get() instanceof CodecChoice.Zstd(Codec.OfZstd wanted)) {
      checkLevel(wanted, SaverWords.cpus(machine.processor().online()));
    }
  }

  /** The same for a saver with so many CPUs. */
  static void checkLevel(Codec.OfZstd wanted, int cpus) throws ReportException {
    if (!fits(wanted, cpus)) {
      Codec.OfZstd highest = wanted;
      while (!fits(highest, cpus)) {
        highest = new Codec.OfZstd(highest.level() - 1);
      }
      throw new ReportException(
          String.format(
              "zstd of level %d takes %s on each of the saver's %d CPUs, and it has %s for that",
              wanted.level(),
              Quantity.bytes(wanted.compressorBytes()),
              cpus,
              Quantity.bytes(COMPRESSOR_BYTES)),
          UNTOUCHED,
          "Name a level from " + Zstd.LOWEST_LEVEL + " to " + highest.level() + ".");
    }
  }

  private static boolean fits(Codec.OfZstd codec, int cpus) {
    return cpus * codec.compressorBytes() <= COMPRESSOR_BYTES;
  }

  /**
   * Chooses where the saver goes.
   *
   * @throws ReportException if there is no place for it
   */
  RegionChoice.Place place() throws IOException {
    SaverNeeds needs = needs();
    Mapping.readAhead(kernelFile);
    Mapping.readAhead(initramfsFile);
    // Nearly always the first place will do. What lies elsewhere need not be looked at then, nor
    // what lies there, if no memory is broken.
    PageRange first =
        machine.memory().hardwareCorrupted() == 0
            ? new PageRange(0, 0)
            : RegionChoice.directRegion(kernel, needs.pages());
    PageRange any = new PageRange(0, Pages.pfn(RegionChoice.LIMIT));
    Optional<RegionChoice.Place> chosen = choose(first, needs);
    if (chosen.filter(place -> place.start() == RegionChoice.Start.DIRECT).isEmpty()) {
      chosen = choose(any, needs);
    }
    return chosen.orElseThrow(() -> noPlace(needs));
  }

  /**
   * Plans a cold start.
   *
   * @param mailbox physical address of the mailbox's first page
   * @throws ReportException if it cannot be loaded as it is
   */
  SaverPlan plan(RegionChoice.Place place, long mailbox) throws IOException {
    try {
      SaverLayout layout =
          SaverLayout.plan(
              new SaverLayoutRequest(
                  machine.ioMemory().map(),
                  Pages.pfn(machine.memory().total()),
                  place.region(),
                  kernel,
                  initramfsFile,
                  SaverWords.toSave(machine.kernel().commandLine(), mailbox),
                  machine.firmware().acpiRoot() == 0
                      ? OptionalLong.empty()
                      : OptionalLong.of(machine.firmware().acpiRoot()),
                  ScreenInfo.read(),
                  paging(),
                  SaverLayout.LOW_MEMORY,
                  0));
      return new SaverPlan(needs(), place, layout);
    } catch (KexecPlanException e) {
      throw cannotBePlanned(e);
    }
  }

  /**
   * The command line with which a saver is started to wake an image.
   *
   * @param region the saver region
   * @param crashReservation inside it, for the way back of a panic
   * @param image the image
   * @param offset where on its device its store is; empty for one that is the whole device
   */
  String restoreCommandLine(
      PageRange region, Optional<PageRange> crashReservation, UUID image, OptionalLong offset)
      throws ReportException {
    try {
      return RestoreCommandLine.plan(
          region,
          kernel,
          paging(),
          crashReservation,
          SaverWords.toRestore(machine.kernel().commandLine(), image, offset));
    } catch (KexecPlanException e) {
      throw cannotBePlanned(e);
    }
  }

  /**
   * Whether a boot loader can start the saver in a region: it is where the kernel prefers to be.
   */
  boolean isDirect(PageRange region) {
    return RegionChoice.directRegion(kernel, 1).start() == region.start();
  }

  /** What the saver is told of this kernel. */
  Original original(PageRange region) {
    return new Original(
        machine.ioMemory().map(),
        region,
        machine.kernel().vmcoreInfo().map(note -> note.address()).orElse(0L),
        machine.kernel().vmcoreInfo().map(note -> note.size()).orElse(0L),
        paging(),
        freePages());
  }

  /** What this kernel's free pages have to hold when it wakes. */
  FreePagePolicy freePages() {
    return FreePages.policy(machine.kernel().commandLine(), machine.kernel().config());
  }

  /** What an image's store holds besides it. */
  SaverFiles savedFiles() {
    return SaverFiles.plan(
        kernelFile.byteSize(),
        software.kernelDigest(),
        initramfsFile.byteSize(),
        software.initramfsDigest());
  }

  private PagingMode paging() {
    return machine.processor().fiveLevelPaging() ? PagingMode.FIVE_LEVEL : PagingMode.FOUR_LEVEL;
  }

  private Optional<RegionChoice.Place> choose(PageRange looked, SaverNeeds needs)
      throws IOException {
    long limit = Math.min(machine.ioMemory().map().limit(), Pages.pfn(RegionChoice.LIMIT));
    try (Arena scratch = Arena.ofConfined()) {
      PageSet free = PageSet.empty(scratch, limit);
      PageSet lru = PageSet.empty(scratch, limit);
      PageSet poisoned = PageSet.empty(scratch, limit);
      for (PageRange ram : machine.ioMemory().map().ram()) {
        PageRange range = ram.intersect(looked).intersect(new PageRange(0, limit));
        if (!range.isEmpty()) {
          PhysicalPages.addFlagged(range, free, lru, poisoned);
        }
      }
      return RegionChoice.choose(
          machine.ioMemory().map(),
          kernel,
          new RegionChoice.Pageflags(free, lru, poisoned),
          needs.pages());
    }
  }

  private static ReportException noPlace(SaverNeeds needs) {
    return new ReportException(
        "no place for a saver region of " + Quantity.bytes(Pages.address(needs.pages())),
        UNTOUCHED,
        "It takes that much RAM in one piece between 16 MiB and 4 GiB, without memory errors; make"
            + " the initramfs smaller.");
  }

  private static ReportException cannotBePlanned(KexecPlanException e) {
    return new ReportException(
        new Report(
            "the saver kernel cannot be planned: " + e.getMessage(),
            UNTOUCHED,
            "'dormouse doctor' tells what this machine needs."),
        e);
  }

  @Override
  public void close() {
    files.close();
  }
}
