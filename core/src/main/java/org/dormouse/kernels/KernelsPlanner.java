package org.dormouse.kernels;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.dormouse.boot.BootFormatException;
import org.dormouse.boot.BzImage;
import org.dormouse.boot.PagingMode;
import org.dormouse.kexec.KernelsLayout;
import org.dormouse.kexec.KexecPlanException;
import org.dormouse.kexec.RegionChoice;
import org.dormouse.linux.Mapping;
import org.dormouse.linux.PhysicalPages;
import org.dormouse.linux.ScreenInfo;
import org.dormouse.machine.MachineFacts;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.protocol.SaverWords;
import org.dormouse.text.Quantity;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/**
 * In the original kernel: plans how kernels are loaded together, from their files and from what was
 * seen of the machine. Changes nothing.
 */
final class KernelsPlanner implements AutoCloseable {
  private static final String UNTOUCHED = "Nothing was changed; the machine goes on.";

  private record Opened(Registration registration, BzImage kernel, MemorySegment initramfs) {}

  private final MachineFacts machine;
  private final Arena files = Arena.ofConfined();
  private final List<Opened> opened = new ArrayList<>();

  /**
   * Opens the kernels' files.
   *
   * @throws ReportException if one of them is not what it should be
   */
  KernelsPlanner(MachineFacts machine, List<Registration> kernels) throws IOException {
    this.machine = machine;
    try {
      for (Registration each : kernels) {
        opened.add(open(each));
      }
    } catch (IOException e) {
      files.close();
      throw e;
    }
  }

  private Opened open(Registration registration) throws IOException {
    try {
      MemorySegment initramfs =
          registration.initramfs().isPresent()
              ? Mapping.ofFile(registration.initramfs().get(), files)
              : MemorySegment.NULL;
      MemorySegment file = Mapping.ofFile(registration.kernel(), files);
      return new Opened(registration, BzImage.parse(file), initramfs);
    } catch (BootFormatException e) {
      throw new ReportException(
          new Report(
              registration.kernel() + " is no kernel that can be started: " + e.getMessage(),
              UNTOUCHED,
              "Name a bzImage with --kernel."),
          e);
    } catch (IOException e) {
      throw new ReportException(
          new Report(
              "the files of the kernel "
                  + registration.name()
                  + " cannot be read: "
                  + e.getMessage(),
              UNTOUCHED,
              "Name others, or remove it: dormouse kernel remove " + registration.name()),
          e);
    }
  }

  /**
   * Chooses where each kernel lives.
   *
   * @throws ReportException if there is no place for one
   */
  List<PageRange> places() throws IOException {
    MemoryMap map = machine.ioMemory().map();
    long limit = Math.min(map.limit(), Pages.pfn(RegionChoice.LIMIT));
    List<PageRange> places = new ArrayList<>();
    try (Arena scratch = Arena.ofConfined()) {
      PageSet free = PageSet.empty(scratch, limit);
      PageSet lru = PageSet.empty(scratch, limit);
      PageSet barred = PageSet.empty(scratch, limit);
      for (PageRange ram : map.ram()) {
        PageRange below = ram.intersect(new PageRange(0, limit));
        if (!below.isEmpty()) {
          PhysicalPages.addFlagged(below, free, lru, barred);
        }
      }
      for (Opened each : opened) {
        PageRange place =
            RegionChoice.choose(
                    map,
                    each.kernel(),
                    new RegionChoice.Pageflags(free, lru, barred),
                    Pages.holding(each.registration().memoryBytes()))
                .orElseThrow(() -> noPlace(each.registration()))
                .region();
        barred.add(place);
        places.add(place);
      }
    }
    return places;
  }

  /**
   * Plans them all.
   *
   * @param places {@link #places}
   * @param table the physical address of the switch table
   * @throws ReportException if they cannot be loaded as they are
   */
  KernelsPlan plan(List<PageRange> places, long table) throws IOException {
    List<KernelsLayout.Kernel> kernels = new ArrayList<>();
    for (int i = 0; i < opened.size(); i++) {
      Opened each = opened.get(i);
      List<String> words =
          new ArrayList<>(
              SaverWords.ofKernel(
                  machine.kernel().commandLine(),
                  each.registration().name(),
                  table,
                  each.registration().cpus()));
      words.addAll(each.registration().words());
      kernels.add(new KernelsLayout.Kernel(places.get(i), each.kernel(), each.initramfs(), words));
    }
    try {
      return new KernelsPlan(
          opened.stream().map(Opened::registration).toList(),
          KernelsLayout.plan(
              new KernelsLayout.Request(
                  machine.ioMemory().map(),
                  Pages.pfn(machine.memory().total()),
                  table,
                  machine.firmware().acpiRoot() == 0
                      ? OptionalLong.empty()
                      : OptionalLong.of(machine.firmware().acpiRoot()),
                  ScreenInfo.read(),
                  machine.processor().fiveLevelPaging()
                      ? PagingMode.FIVE_LEVEL
                      : PagingMode.FOUR_LEVEL,
                  kernels)));
    } catch (KexecPlanException e) {
      throw new ReportException(
          new Report(
              "the kernels cannot be loaded together: " + e.getMessage(),
              UNTOUCHED,
              "Remove one, or give one less memory."),
          e);
    }
  }

  private static ReportException noPlace(Registration registration) {
    return new ReportException(
        String.format(
            "no place for the kernel %s with %s",
            registration.name(), Quantity.bytes(registration.memoryBytes())),
        UNTOUCHED,
        "It takes that much RAM in one piece between 16 MiB and 4 GiB; give one less memory.");
  }

  @Override
  public void close() {
    files.close();
  }
}
