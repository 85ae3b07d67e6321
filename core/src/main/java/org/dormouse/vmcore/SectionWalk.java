package org.dormouse.vmcore;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.dormouse.memory.PageRange;

/** Goes through the page structs of all RAM, section by section, several at a time. */
final class SectionWalk {
  /** What is done with a section; called by several threads, once for each section. */
  interface Visitor {
    /**
     * Looks at a section.
     *
     * @param reader of its page structs
     * @param parts what of it is RAM, in ascending order, not empty
     */
    void visit(PageStructs.Reader reader, PageRange section, List<PageRange> parts)
        throws IOException;

    /** The page structs of a section were not found, or {@link #visit} failed. */
    void notFound(List<PageRange> parts, PageRange section, IOException why);
  }

  private final RamRanges ram;
  private final PageStructs structs;
  private final Visitor visitor;

  /** The first page of each section that has RAM. */
  private final long[] sections;

  private final AtomicInteger nextSection = new AtomicInteger();

  private SectionWalk(RamRanges ram, PageStructs structs, Visitor visitor) {
    this.ram = ram;
    this.structs = structs;
    this.visitor = visitor;
    this.sections = sections(ram, structs.pagesPerSection());
  }

  /**
   * Visits every section that has RAM. What the visitor has done is seen by the caller afterwards.
   *
   * @param threads how many visit at the same time, 1 or more
   */
  static void run(RamRanges ram, PageStructs structs, int threads, Visitor visitor) {
    new SectionWalk(ram, structs, visitor).run(threads);
  }

  private static long[] sections(RamRanges ram, long perSection) {
    return ram.ranges().stream()
        .flatMapToLong(
            range ->
                LongStream.rangeClosed(range.start() / perSection, (range.end() - 1) / perSection))
        .distinct()
        .map(number -> number * perSection)
        .toArray();
  }

  private void run(int threads) {
    List<Future<?>> helpers = new ArrayList<>();
    try (ExecutorService pool =
        Executors.newFixedThreadPool(
            Math.max(1, threads - 1),
            Thread.ofPlatform().name("page-kinds-", 0).daemon(true).factory())) {
      for (int i = 1; i < threads; i++) {
        helpers.add(pool.submit(this::lookAtSections));
      }
      lookAtSections();
    }
    for (Future<?> helper : helpers) {
      if (helper.state() == Future.State.FAILED) {
        throw new IllegalStateException("cannot look at page structs", helper.exceptionNow());
      }
    }
  }

  private void lookAtSections() {
    int number = nextSection.getAndIncrement();
    while (number < sections.length) {
      long first = sections[number];
      PageRange section = new PageRange(first, first + structs.pagesPerSection());
      List<PageRange> parts = ram.within(section);
      try (PageStructs.Reader reader = structs.reader(first)) {
        visitor.visit(reader, section, parts);
      } catch (IOException e) {
        visitor.notFound(parts, section, e);
      }
      number = nextSection.getAndIncrement();
    }
  }
}
