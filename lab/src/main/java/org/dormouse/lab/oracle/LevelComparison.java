package org.dormouse.lab.oracle;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.dormouse.vmcore.PageKind;

/**
 * What two programs make of the same memory at the same level.
 *
 * @param level what is left out, as {@code makedumpfile -d} has it
 * @param ours what we make of it
 * @param theirs what makedumpfile makes of it
 * @param differences by the kind that we take the pages for; kinds without any are missing
 */
public record LevelComparison(
    int level, Counts ours, Counts theirs, Map<PageKind, Difference> differences) {
  /**
   * How many pages there are of each fate.
   *
   * @param stored whose contents are kept
   * @param zero of which only that is kept
   */
  public record Counts(long stored, long zero) {}

  /**
   * Pages of one kind about which the two disagree.
   *
   * @param pages how many
   * @param stories each way of disagreeing, with the first page of it
   */
  public record Difference(long pages, List<String> stories) {
    public Difference {
      stories = List.copyOf(stories);
    }

    Difference with(String fates, long pfn) {
      List<String> all = new ArrayList<>(stories);
      if (stories.stream().noneMatch(story -> story.startsWith(fates))) {
        all.add(String.format("%s, first 0x%x", fates, pfn));
      }
      return new Difference(pages + 1, all);
    }
  }

  public LevelComparison {
    differences = Collections.unmodifiableMap(new EnumMap<>(differences));
  }

  /** Whether each page has the same fate with both. */
  public boolean isSame() {
    return differences.isEmpty();
  }

  /** For people. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "-d %-3d %12s %12s".formatted(level, "makedumpfile", "Dormouse")
            + (differences.isEmpty() ? "   the same pages" : ""));
    lines.add("  stored %12d %12d".formatted(theirs.stored(), ours.stored()));
    lines.add("  zero   %12d %12d".formatted(theirs.zero(), ours.zero()));
    differences.forEach(
        (kind, difference) ->
            lines.add(
                "  %d pages (%s): %s"
                    .formatted(
                        difference.pages(), kind.text(), String.join("; ", difference.stories()))));
    return lines;
  }
}
