package org.dormouse.protocol;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dormouse.kexec.SaverLayout;
import org.dormouse.linux.CommandLine;
import org.dormouse.linux.IoMemory;
import org.dormouse.memory.PageRange;

/** The words of a saver's kernel command line: what is written there, and what is read. */
public final class SaverWords {
  /** The physical address of the mailbox's first page. */
  private static final String MAILBOX = "dormouse.mailbox";

  /** The image that a saver is started to wake. */
  private static final String RESTORE = "dormouse.restore";

  /** Where on its device the store of that image is, in bytes. */
  private static final String OFFSET = "dormouse.offset";

  /**
   * Added by the script that starts the saver from an ordinary boot: the number of the attempt,
   * which it has counted.
   */
  private static final String ATTEMPT = "dormouse.attempt";

  /** The physical address of the switch table's first page. */
  private static final String KERNELS = "dormouse.kernels";

  /** What the kernel is called among several. */
  private static final String KERNEL = "dormouse.kernel";

  /**
   * How many CPUs the saver uses at most: each takes memory in the kernel and buffers in the
   * pipeline, and four keep most disks busy. Those of the original kernel that are more are never
   * touched.
   */
  private static final int CPUS = 4;

  private static final Pattern CRASH_KERNEL = Pattern.compile("(\\d{1,4})M@0x([0-9a-f]{1,12})");

  /**
   * Words of a kernel command line that tell of the machine: its consoles, what is wrong with its
   * hardware, and what whoever looks for a fault wants to see of each kernel ({@code
   * Documentation/admin-guide/kernel-parameters.txt}).
   */
  private static final Set<String> OF_THE_MACHINE =
      Set.of(
          "console",
          "acpi",
          "acpi_osi",
          "pci",
          "pcie_aspm",
          "noapic",
          "nolapic",
          "nox2apic",
          "no_timer_check",
          "tsc",
          "clocksource",
          "hpet",
          "iommu",
          "intel_iommu",
          "amd_iommu",
          "libata.force",
          "nvme_core.default_ps_max_latency_us",
          "usbcore.quirks",
          "reboot",
          "nomodeset",
          "earlycon",
          "earlyprintk",
          "ignore_loglevel",
          "initcall_debug",
          "no_console_suspend",
          "pm_debug_messages");

  /** Who started a saver that is to wake an image. */
  public enum Start {
    /** An ordinary boot, by kexec. */
    KEXEC,
    /** The boot loader. */
    DIRECT
  }

  private SaverWords() {}

  /** How many CPUs a saver uses on a machine that has {@code online} of them. */
  public static int cpus(int online) {
    return Math.min(online, CPUS);
  }

  /** The words for a saver that the original kernel jumps into. */
  public static List<String> toSave(CommandLine original, long mailbox) {
    List<String> words = common(original);
    // The original kernel's frames are reached through /dev/mem.
    words.add("iomem=relaxed");
    words.add("nokaslr");
    // What the original kernel's drivers have left behind.
    words.add("reset_devices");
    words.add(MAILBOX + "=0x" + Long.toHexString(mailbox));
    return words;
  }

  /**
   * The words for one of several kernels.
   *
   * @param name its name
   * @param table the physical address of the switch table
   * @param cpus how many CPUs it uses at most
   */
  public static List<String> ofKernel(CommandLine original, String name, long table, int cpus) {
    List<String> words = new ArrayList<>();
    original.words().stream().filter(SaverWords::isOfTheMachine).forEach(words::add);
    // The switch table is reached through /dev/mem; a kernel that moves could lie on the crash
    // reservation; an image that lies on some disk is not this kernel's to wake.
    words.addAll(
        List.of(
            "iomem=relaxed",
            "nokaslr",
            "reset_devices",
            "noresume",
            "panic=5",
            // A panic goes back to the original kernel, so whatever is wrong is one.
            "oops=panic",
            "unknown_nmi_panic",
            "nvme.max_host_mem_size_mb=0",
            "irqaffinity=0",
            "nr_cpus=" + cpus,
            KERNELS + "=0x" + Long.toHexString(table),
            KERNEL + "=" + name));
    return words;
  }

  /** Where the switch table is, if this is one of several kernels and not the original one. */
  public static OptionalLong switchTable(CommandLine own) throws IOException {
    return own.address(KERNELS);
  }

  /** What this kernel is called among several. */
  public static String kernelName(CommandLine own) {
    return own.value(KERNEL).orElse(KernelTable.ORIGINAL);
  }

  /**
   * The words for a saver that wakes {@code image}.
   *
   * @param offset where on its device the store is, bytes; empty for a store that is the whole
   *     device
   */
  public static List<String> toRestore(CommandLine original, UUID image, OptionalLong offset) {
    List<String> words = common(original);
    words.add(RESTORE + "=" + image);
    offset.ifPresent(bytes -> words.add(OFFSET + "=" + bytes));
    return words;
  }

  /** Whether a word tells of the machine, so that every kernel on it needs it. */
  private static boolean isOfTheMachine(String word) {
    int equals = word.indexOf('=');
    // A kernel that gives PCI devices new addresses takes the original kernel's RAM, which it does
    // not
    // know, for free space.
    return OF_THE_MACHINE.contains(equals < 0 ? word : word.substring(0, equals))
        && !word.contains("realloc")
        && !word.contains("assign-busses");
  }

  /** The saver speaks on the same consoles; it has one life, and one place in memory. */
  private static List<String> common(CommandLine original) {
    List<String> words = new ArrayList<>();
    original.words().stream().filter(SaverWords::isOfTheMachine).forEach(words::add);
    words.addAll(
        List.of(
            "quiet",
            // All that the saver says stays in its log; this kernel would leave lines out.
            "printk.devkmsg=on",
            // If even the way back of a panic does not work, the machine restarts.
            "panic=5",
            "transparent_hugepage=never",
            // The files are all in the initramfs, which as a tmpfs could only have half of the
            // memory.
            "rootfstype=ramfs",
            // A controller's buffers in host memory are as large as all of the saver.
            "nvme.max_host_mem_size_mb=0",
            // A panic goes back to the original kernel, so whatever is wrong is one: also a CPU
            // that gets nowhere for a minute (twice the threshold), and a hardware watchdog's NMI.
            "oops=panic",
            "softlockup_panic=1",
            "watchdog_thresh=30",
            "unknown_nmi_panic",
            // A panic on another CPU than the first cannot go back.
            "irqaffinity=0",
            "nr_cpus=" + CPUS));
    return words;
  }

  /**
   * Where the original kernel is that has jumped into this saver.
   *
   * @return empty if none has
   * @throws IOException if the words make no sense
   */
  public static Optional<Place> place(CommandLine own) throws IOException {
    OptionalLong entry = own.address(word(SaverLayout.JUMP_BACK_ENTRY_WORD));
    if (entry.isEmpty()) {
      return Optional.empty();
    }
    long mailbox =
        own.address(MAILBOX)
            .orElseThrow(() -> new IOException("the saver's command line has no " + MAILBOX));
    return Optional.of(new Place(entry.getAsLong(), mailbox, ownRegion()));
  }

  /** The part of this kernel's memory that is kept for what a panic jumps into, if there is one. */
  public static Optional<PageRange> crashReservation(CommandLine own) {
    return own.value("crashkernel")
        .map(CRASH_KERNEL::matcher)
        .filter(Matcher::matches)
        .map(
            words -> {
              long start = Long.parseUnsignedLong(words.group(2), 16);
              long bytes = Long.parseLong(words.group(1)) << 20;
              return PageRange.within(start, start + bytes);
            });
  }

  /** What the saver has above 1 MiB is the saver region. */
  private static PageRange ownRegion() throws IOException {
    return IoMemory.read().map().ram().stream()
        .max(Comparator.comparingLong(PageRange::count))
        .orElseThrow(() -> new IOException("this kernel has no memory"));
  }

  /** Memory of this kernel's, above low memory, that lies outside of the saver region. */
  public static Optional<PageRange> memoryOutside(PageRange region) throws IOException {
    return IoMemory.read().map().ram().stream()
        .filter(ram -> ram.start() >= SaverLayout.LOW_MEMORY.end())
        .filter(ram -> !region.contains(ram))
        .findFirst();
  }

  /**
   * The image that this saver was started to wake.
   *
   * @throws IOException if none is named
   */
  public static UUID image(CommandLine own) throws IOException {
    String text =
        own.value(RESTORE)
            .orElseThrow(
                () ->
                    new IOException(
                        "this saver was not entered, and " + RESTORE + " names no image"));
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw new IOException(RESTORE + "=" + text + " is no UUID", e);
    }
  }

  /**
   * Where on its device the store is that this saver was started for.
   *
   * @return empty for a store that is the whole device
   * @throws IOException if the word makes no sense
   */
  public static OptionalLong offset(CommandLine own) throws IOException {
    Optional<String> text = own.value(OFFSET);
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    if (!text.get().matches("[0-9]{1,18}")) {
      throw new IOException(OFFSET + "=" + text.get() + " is no number of bytes");
    }
    return OptionalLong.of(Long.parseLong(text.get()));
  }

  /** Who started this saver. */
  public static Start start(CommandLine own) {
    return own.value(ATTEMPT).isPresent() ? Start.KEXEC : Start.DIRECT;
  }

  private static String word(String withEquals) {
    return withEquals.substring(0, withEquals.length() - 1);
  }
}
