package org.dormouse.vmcore;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a dump leaves out, in the parts that makedumpfile's {@code -d} has. What is broken or
 * offline is left out in any case.
 *
 * @param parts which
 */
public record Exclusions(Set<Part> parts) {
  /** One kind of pages that a dump may leave out. */
  public enum Part {
    /** Pages that hold nothing but zeros. Contents tell, not page structs. */
    ZERO(1),
    /** Page cache without private data. */
    CACHE(2),
    /** Page cache with private data. */
    CACHE_PRIVATE(4),
    /** Memory of processes: anonymous and hugetlb pages. */
    USER(8),
    /** What the page allocator has. */
    FREE(16);

    private final int bit;

    Part(int bit) {
      this.bit = bit;
    }
  }

  private static final int ALL_BITS = 31;

  private static final Map<PageKind, Part> PARTS =
      new EnumMap<>(
          Map.of(
              PageKind.CACHE, Part.CACHE,
              PageKind.CACHE_PRIVATE, Part.CACHE_PRIVATE,
              PageKind.ANONYMOUS, Part.USER,
              PageKind.HUGETLB, Part.USER,
              PageKind.FREE, Part.FREE));

  /** Copies. */
  public Exclusions {
    EnumSet<Part> copy = EnumSet.noneOf(Part.class);
    copy.addAll(parts);
    parts = Collections.unmodifiableSet(copy);
  }

  /** All is kept. */
  public static Exclusions none() {
    return new Exclusions(Set.of());
  }

  /**
   * What {@code makedumpfile -d level} leaves out.
   *
   * @param level a sum of 1 zero, 2 cache, 4 cache with private data, 8 user, 16 free
   * @throws IllegalArgumentException if it is none
   */
  public static Exclusions ofLevel(int level) {
    if ((level & ~ALL_BITS) != 0) {
      throw new IllegalArgumentException("a dump level is 0 to 31, not " + level);
    }
    return new Exclusions(
        Arrays.stream(Part.values())
            .filter(part -> (level & part.bit) != 0)
            .collect(Collectors.toSet()));
  }

  /**
   * Parses words with commas between them: {@code free}, {@code zero}, {@code cache} (with private
   * data or not), {@code user}; or {@code none}.
   *
   * @throws IllegalArgumentException if a word is none of these
   */
  public static Exclusions parse(String words) {
    EnumSet<Part> parts = EnumSet.noneOf(Part.class);
    if (!words.equals("none")) {
      for (String word : words.split(",", -1)) {
        switch (word.strip()) {
          case "free" -> parts.add(Part.FREE);
          case "zero" -> parts.add(Part.ZERO);
          case "cache" -> parts.addAll(Set.of(Part.CACHE, Part.CACHE_PRIVATE));
          case "user" -> parts.add(Part.USER);
          default ->
              throw new IllegalArgumentException(
                  "cannot exclude '" + word + "': known are free, zero, cache, user, or none");
        }
      }
    }
    return new Exclusions(parts);
  }

  /** The same, and one part more. */
  public Exclusions and(Part part) {
    EnumSet<Part> more = EnumSet.of(part);
    more.addAll(parts);
    return new Exclusions(more);
  }

  /** Whether pages of a kind are left out. */
  public boolean exclude(PageKind kind) {
    return switch (kind) {
      case OFFLINE, POISONED, HOLE -> true;
      default -> PARTS.containsKey(kind) && parts.contains(PARTS.get(kind));
    };
  }

  /** Whether pages that hold nothing but zeros are left out. */
  public boolean excludeZero() {
    return parts.contains(Part.ZERO);
  }

  /** The number for {@code makedumpfile -d}. */
  public int level() {
    return parts.stream().mapToInt(part -> part.bit).sum();
  }

  /** For people: the parts in the order of their bits. */
  @Override
  public String toString() {
    return parts.isEmpty()
        ? "none"
        : parts.stream()
            .map(part -> part.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(","));
  }
}
