package org.dormouse.sleep;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.dormouse.boot.BootFormatException;
import org.dormouse.boot.BzImage;
import org.dormouse.boot.ElfCoreHeaders;
import org.dormouse.boot.PagingMode;
import org.dormouse.kexec.KexecImage;
import org.dormouse.kexec.KexecPlanException;
import org.dormouse.kexec.RegionChoice;
import org.dormouse.kexec.SaverLayout;
import org.dormouse.kexec.SaverLayoutRequest;
import org.dormouse.kexec.SaverNeeds;
import org.dormouse.linux.Kexec;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.Mapping;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.linux.PhysicalPages;
import org.dormouse.linux.Power;
import org.dormouse.linux.Sysctl;
import org.dormouse.linux.VmcoreInfoNote;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;

/**
 * From the original kernel into the saver kernel and back: what {@link Hibernate} and {@link
 * Rehearse} share. Nothing is loaded until {@link #load}, and nothing stays loaded if something
 * fails or when the other kernel has jumped back.
 */
final class SaverJump implements AutoCloseable {
  /**
   * What the saver needs, in bytes, beyond its kernel and initramfs and what it gets back when the
   * packed initramfs is freed: slabs and per-CPU memory, the Java heap and code cache, the
   * pipeline's buffers.
   */
  static final long WORKING_BYTES = 40L << 20;

  /**
   * How many CPUs the saver uses at most: each takes memory in the kernel and buffers in the
   * pipeline, and four keep most disks busy.
   */
  private static final int CPUS = 4;

  /** What the image's index takes in the saver for each page of RAM, in bytes: 64 for a chunk. */
  static final double INDEX_BYTES_PER_PAGE = 64.0 / 256;

  /**
   * What must stay free beyond the region while it is loaded, in bytes: the kernel's own watermarks
   * and lists.
   */
  static final long SLACK_BYTES = 16L << 20;

  private static final String UNTOUCHED = "Nothing was changed; the machine goes on.";

  private final MachineFacts machine;
  private final VmcoreInfoNote vmcoreInfo;
  private final Journal journal;
  private final Arena files;
  private final BzImage kernel;
  private final MemorySegment initramfs;
  private final SaverNeeds needs;
  private boolean loaded;

  private SaverJump(
      MachineFacts machine,
      VmcoreInfoNote vmcoreInfo,
      Journal journal,
      Arena files,
      BzImage kernel,
      MemorySegment initramfs,
      SaverNeeds needs) {
    this.machine = machine;
    this.vmcoreInfo = vmcoreInfo;
    this.journal = journal;
    this.files = files;
    this.kernel = kernel;
    this.initramfs = initramfs;
    this.needs = needs;
  }

  /** Checks the machine and looks at the saver's files. */
  static SaverJump prepare(MachineFacts machine, SaverSoftware software, Journal journal)
      throws SleepException, IOException {
    for (Finding finding : Readiness.of(machine)) {
      if (finding.verdict() == Finding.Verdict.BAD) {
        throw new SleepException(
            finding.name() + ": " + finding.seen(), UNTOUCHED, finding.remedy());
      }
    }
    Arena files = Arena.ofConfined();
    try {
      BzImage kernel = BzImage.parse(Mapping.ofFile(software.kernel(), files));
      MemorySegment initramfs = Mapping.ofFile(software.initramfs(), files);
      SaverNeeds needs =
          new SaverNeeds(
              kernel.initSize(),
              initramfs.byteSize(),
              software.unpackedBytes(),
              WORKING_BYTES + (long) (machine.ioMemory().map().ramPages() * INDEX_BYTES_PER_PAGE));
      return new SaverJump(
          machine, machine.vmcoreInfo().orElseThrow(), journal, files, kernel, initramfs, needs);
    } catch (BootFormatException e) {
      files.close();
      throw new SleepException(
          software.kernel() + " is no kernel that can save: " + e.getMessage(),
          UNTOUCHED,
          "Name a bzImage with --kernel.",
          e);
    } catch (IOException e) {
      files.close();
      throw e;
    }
  }

  /** How many pages an image may have that can be resumed. */
  long mostPages() {
    return ResumeCapacity.mostPages(
        machine.ioMemory().map().ramPages(), kernel.initSize(), needs.unpackedInitramfsBytes());
  }

  /**
   * Refuses what could be saved and not be resumed.
   *
   * @throws SleepException if more memory is in use, page cache aside, than a resume has room for
   */
  void checkCanBeResumed() throws SleepException, IOException {
    MemoryInfo memory = MemoryInfo.read();
    long used = memory.total() - memory.available();
    long most = Pages.address(mostPages());
    if (used > most) {
      throw new SleepException(
          String.format(
              "too much memory is in use: %s (%d bytes), and the resume kernel has room for %s (%d"
                  + " bytes) beside itself",
              Quantity.bytes(used), used, Quantity.bytes(most), most),
          "Nothing is loaded; the machine goes on.",
          "End programs that use memory, at least " + Quantity.bytes(used - most) + ".");
    }
  }

  /** How large the saver region is, in bytes. */
  long regionBytes() {
    return Pages.address(needs.pages());
  }

  /**
   * Makes room for the pages that will be swapped out of the saver region: drops the page cache if
   * need be.
   *
   * @throws SleepException if there is too little free memory even then
   */
  void makeRoom() throws SleepException, IOException {
    long needed = regionBytes() + SLACK_BYTES;
    if (MemoryInfo.read().free() >= needed) {
      return;
    }
    journal.say("dropping the page cache to make room for the saver region");
    Power.sync();
    Sysctl.dropCaches();
    long free = MemoryInfo.read().free();
    if (free < needed) {
      throw new SleepException(
          String.format(
              "too little free memory for the saver region: it takes %s (%d bytes), %s (%d bytes) are"
                  + " free",
              Quantity.bytes(needed), needed, Quantity.bytes(free), free),
          "Nothing is loaded; the machine goes on. Only the page cache was dropped.",
          "End programs that use memory, at least " + Quantity.bytes(needed - free) + ".");
    }
  }

  /** Plans where everything goes. Changes nothing. */
  SaverPlan plan(SaverTask task) throws SleepException, IOException {
    try (Arena scratch = Arena.ofConfined()) {
      PageSet free = freePages(scratch);
      List<PageRange> avoid = new ArrayList<>(machine.ioMemory().kernel());
      avoid.add(vmcoreInfo.pages());
      PageRange region =
          RegionChoice.choose(machine.ioMemory().map(), avoid, free, needs.pages())
              .orElseThrow(
                  () ->
                      new SleepException(
                          "no place for a saver region of " + Quantity.bytes(regionBytes()),
                          UNTOUCHED,
                          "It takes that much RAM in one piece below 4 GiB; make the initramfs"
                              + " smaller."));
      SaverLayout layout = SaverLayout.plan(request(region, task));
      return new SaverPlan(needs, region, free.countIn(region), layout);
    } catch (KexecPlanException e) {
      throw new SleepException(
          "the saver kernel cannot be planned: " + e.getMessage(),
          UNTOUCHED,
          "'dormouse doctor' tells what this machine needs.",
          e);
    }
  }

  private PageSet freePages(Arena scratch) throws IOException {
    long limit = Math.min(machine.ioMemory().map().limit(), Pages.pfn(RegionChoice.LIMIT));
    PageSet free = PageSet.empty(scratch, limit);
    for (PageRange ram : machine.ioMemory().map().ram()) {
      PhysicalPages.addFree(ram.intersect(new PageRange(0, limit)), free);
    }
    return free;
  }

  private SaverLayoutRequest request(PageRange region, SaverTask task) {
    return new SaverLayoutRequest(
        machine.ioMemory().map(),
        region,
        kernel,
        initramfs,
        words(task),
        List.of(new ElfCoreHeaders.Note(vmcoreInfo.address(), vmcoreInfo.size())),
        machine.acpiRoot() == 0 ? OptionalLong.empty() : OptionalLong.of(machine.acpiRoot()),
        pagingMode(machine));
  }

  /** The saver speaks on the same consoles; it has one life, and one place in memory. */
  private List<String> words(SaverTask task) {
    List<String> words = new ArrayList<>();
    machine.commandLine().words().stream()
        .filter(word -> word.startsWith("console="))
        .forEach(words::add);
    // A saver that panics restarts the machine, which then boots normally.
    // Its files are all in its initramfs, which as a tmpfs could only have half of its memory.
    words.addAll(
        List.of(
            "quiet",
            "nokaslr",
            "panic=5",
            "transparent_hugepage=never",
            "rootfstype=ramfs",
            "nr_cpus=" + CPUS));
    words.addAll(task.words());
    return words;
  }

  /** The paging mode that the machine runs in. */
  static PagingMode pagingMode(MachineFacts machine) {
    return machine.processor().fiveLevelPaging() ? PagingMode.FIVE_LEVEL : PagingMode.FOUR_LEVEL;
  }

  /** Loads the saver. */
  void load(SaverPlan plan) throws SleepException, LinuxException {
    try {
      load(plan.layout().image());
      loaded = true;
    } catch (LinuxException e) {
      Kexec.unload();
      throw new SleepException(
          "the saver kernel could not be loaded: " + e.getMessage(),
          "Nothing is loaded; the machine goes on.",
          "Free some memory and try again.",
          e);
    }
  }

  /** Loads any image. */
  static void load(KexecImage image) throws LinuxException {
    Kexec.Flag flag =
        switch (image.context()) {
          case PRESERVE -> Kexec.Flag.PRESERVE_CONTEXT;
          case DISCARD -> Kexec.Flag.PLAIN;
        };
    Kexec.load(
        image.entry(),
        image.segments().stream()
            .map(
                segment ->
                    new Kexec.Segment(
                        segment.content(),
                        segment.destination().startAddress(),
                        segment.destination().bytes()))
            .toList(),
        flag);
  }

  /**
   * Jumps, and returns when the other kernel has jumped back, or the machine has been resumed. The
   * saver is unloaded then: it is spent, and its pages are wanted.
   */
  void jump() throws SleepException, LinuxException {
    try {
      Kexec.execute();
    } catch (LinuxException e) {
      throw new SleepException(
          "the kernel did not jump: " + e.getMessage(),
          "Nothing is loaded; the machine goes on.",
          "The kernel's log (dmesg) names the device or process that did not want to stop.",
          e);
    } finally {
      unload();
    }
  }

  private void unload() throws LinuxException {
    loaded = false;
    Kexec.unload();
  }

  /** Unloads the saver if it is still loaded: whatever has happened, nothing stays behind. */
  @Override
  public void close() throws LinuxException {
    files.close();
    if (loaded) {
      unload();
    }
  }
}
