package org.dormouse.analyze;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;
import org.dormouse.vmcore.PageCensus;
import org.dormouse.vmcore.PageKind;

/**
 * A picture of physical memory, not yet in any file's form: its pages lie on Hilbert's curve, some
 * to a cell, and a cell has the mixed color of its pages. Parts without any memory, such as the
 * hole below 4 GiB, are left out of the curve. Immutable.
 */
public final class MemoryPicture {
  /** The most cells at each side: more than that many points no screen has. */
  private static final int MOST_SIDE = 1024;

  /** The most parts of memory that are marked. */
  private static final int MOST_PARTS = 64;

  /** No part is smaller than this: 16 MiB. */
  private static final long LEAST_PART = (16L << 20) >>> Pages.SHIFT;

  /**
   * A part of memory, for orientation.
   *
   * @param start its first page
   * @param x its left edge, in cells
   * @param y its upper edge
   * @param width of it
   * @param height of it
   */
  record Part(long start, int x, int y, int width, int height) {}

  private final int width;
  private final int height;
  private final byte[] colors;
  private final List<Part> parts;
  private final Map<PictureKind, Long> totals;

  private MemoryPicture(Drawing drawing) {
    this.width = drawing.width;
    this.height = drawing.height;
    this.colors = drawing.cropped();
    this.parts = List.copyOf(drawing.parts);
    this.totals = new EnumMap<>(drawing.totals);
  }

  /**
   * Draws.
   *
   * @param ram what there is of it: sorted and disjoint, not empty
   * @param census what the pages are for
   * @param zero pages that hold nothing but zeros
   * @param saverRegion where the saver runs, if there is one
   */
  public static MemoryPicture draw(
      List<PageRange> ram, PageCensus census, PageSet zero, Optional<PageRange> saverRegion) {
    Drawing drawing = new Drawing(ram, zero, saverRegion.orElse(new PageRange(0, 0)));
    drawing.draw(census);
    return new MemoryPicture(drawing);
  }

  /** How many cells lie side by side. */
  int width() {
    return width;
  }

  /** How many rows of cells there are. */
  int height() {
    return height;
  }

  /** Red, green and blue of all cells, row by row. */
  byte[] colors() {
    return colors.clone();
  }

  /** Parts of memory of the same size. */
  List<Part> parts() {
    return parts;
  }

  /** How many pages there are of each kind that is in memory. */
  public Map<PictureKind, Long> totals() {
    return Map.copyOf(totals);
  }

  /** Fills cell after cell. */
  private static final class Drawing {
    private final PageSet zero;
    private final PageRange saverRegion;
    private final long[] starts;
    private final long pagesPerPart;
    private final int side;
    private final long pagesPerCell;
    private final byte[] square;
    private final List<Part> parts = new ArrayList<>();
    private final Map<PictureKind, Long> totals = new EnumMap<>(PictureKind.class);
    private final Map<PictureKind, Long> inCell = new EnumMap<>(PictureKind.class);
    private long base;
    private long place;
    private long pagesInCell;
    private int width;
    private int height;

    Drawing(List<PageRange> ram, PageSet zero, PageRange saverRegion) {
      this.zero = zero;
      this.saverRegion = saverRegion;
      long[] found = starts(ram, LEAST_PART);
      long pages = LEAST_PART;
      while (found.length > MOST_PARTS) {
        pages *= 2;
        found = starts(ram, pages);
      }
      this.starts = found;
      this.pagesPerPart = pages;
      long all = starts.length * pagesPerPart;
      long perCell = 1;
      while (all > perCell * MOST_SIDE * MOST_SIDE) {
        perCell *= 2;
      }
      this.pagesPerCell = perCell;
      int cells = 1;
      while ((long) cells * cells * perCell < all) {
        cells *= 2;
      }
      this.side = cells;
      this.square = new byte[3 * side * side];
      for (int i = 0; i < side * side; i++) {
        put(i, PictureKind.HOLE.color());
      }
      placeParts();
    }

    /** The first pages of all aligned parts with memory. */
    private static long[] starts(List<PageRange> ram, long pagesPerPart) {
      return ram.stream()
          .flatMapToLong(
              range ->
                  LongStream.rangeClosed(
                      range.start() / pagesPerPart, (range.end() - 1) / pagesPerPart))
          .distinct()
          .map(number -> number * pagesPerPart)
          .toArray();
    }

    private void placeParts() {
      for (int i = 0; i < starts.length; i++) {
        Part found = part(starts[i], i * (pagesPerPart / pagesPerCell));
        parts.add(found);
        width = Math.max(width, found.x + found.width);
        height = Math.max(height, found.y + found.height);
      }
    }

    /** An aligned block of cells is a square, or two. */
    private Part part(long start, long firstCell) {
      long cells = pagesPerPart / pagesPerCell;
      int size = 1;
      while (4L * size * size <= cells) {
        size *= 2;
      }
      Part part = square(start, firstCell, size);
      return (long) size * size == cells
          ? part
          : around(part, square(start, firstCell + (long) size * size, size));
    }

    private Part square(long start, long firstCell, int size) {
      int cell = HilbertCurve.cell(side, firstCell);
      return new Part(start, cell % side / size * size, cell / side / size * size, size, size);
    }

    private static Part around(Part one, Part other) {
      int x = Math.min(one.x, other.x);
      int y = Math.min(one.y, other.y);
      return new Part(
          one.start,
          x,
          y,
          Math.max(one.x + one.width, other.x + other.width) - x,
          Math.max(one.y + one.height, other.y + other.height) - y);
    }

    void draw(PageCensus census) {
      for (int i = 0; i < starts.length; i++) {
        base = i * pagesPerPart - starts[i];
        census.forEachRun(new PageRange(starts[i], starts[i] + pagesPerPart), this::run);
      }
      finish();
    }

    private void run(PageRange pages, PageKind kind) {
      List<PageRange> pieces = new ArrayList<>(pages.without(saverRegion));
      pieces.add(pages.intersect(saverRegion));
      Collections.sort(pieces);
      for (PageRange piece : pieces) {
        ofKind(
            piece, saverRegion.contains(piece) ? PictureKind.SAVER_REGION : PictureKind.of(kind));
      }
    }

    private void ofKind(PageRange pages, PictureKind kind) {
      for (long from = pages.start(); from < pages.end(); ) {
        long end = Math.min(pages.end(), (from / pagesPerCell + 1) * pagesPerCell);
        add(new PageRange(from, end), kind);
        from = end;
      }
    }

    private void add(PageRange pages, PictureKind kind) {
      long cell = (base + pages.start()) / pagesPerCell;
      if (cell != place) {
        finish();
        place = cell;
      }
      long zeros =
          switch (kind) {
            case FREE, HOLE, SAVER_REGION, UNUSABLE -> 0;
            default -> zero.countIn(pages.intersect(new PageRange(0, zero.limit())));
          };
      count(PictureKind.ZERO, zeros);
      count(kind, pages.count() - zeros);
    }

    private void count(PictureKind kind, long pages) {
      if (pages != 0) {
        inCell.merge(kind, pages, Long::sum);
        pagesInCell += pages;
        if (kind != PictureKind.HOLE) {
          totals.merge(kind, pages, Long::sum);
        }
      }
    }

    /** Gives the cell its color. */
    private void finish() {
      if (pagesInCell != 0) {
        int red = mixed(16);
        int green = mixed(8);
        int blue = mixed(0);
        put(HilbertCurve.cell(side, place), red << 16 | green << 8 | blue);
        inCell.clear();
        pagesInCell = 0;
      }
    }

    private int mixed(int shift) {
      long sum = 0;
      for (Map.Entry<PictureKind, Long> kind : inCell.entrySet()) {
        sum += kind.getValue() * (kind.getKey().color() >>> shift & 0xff);
      }
      return (int) (sum / pagesInCell);
    }

    private void put(int cell, int color) {
      square[3 * cell] = (byte) (color >>> 16);
      square[3 * cell + 1] = (byte) (color >>> 8);
      square[3 * cell + 2] = (byte) color;
    }

    byte[] cropped() {
      byte[] rows = new byte[3 * width * height];
      for (int y = 0; y < height; y++) {
        System.arraycopy(square, 3 * y * side, rows, 3 * y * width, 3 * width);
      }
      return rows;
    }
  }
}
