package org.dormouse.sleep;

import java.util.ArrayList;
import java.util.List;
import org.dormouse.kexec.SaverLayout;
import org.dormouse.kexec.SaverNeeds;
import org.dormouse.memory.PageRange;

/**
 * How the saver kernel will be started.
 *
 * @param needs what the saver region is made of
 * @param region where it is
 * @param freeInRegion how many pages in it are free
 * @param layout what is loaded
 */
public record SaverPlan(SaverNeeds needs, PageRange region, long freeInRegion, SaverLayout layout) {
  /** The plan for people: what {@code --dry-run} prints. */
  public List<String> describe() {
    List<String> lines = new ArrayList<>();
    lines.add("saver region " + region + ", " + Quantity.bytes(region.bytes()) + ", made of:");
    for (SaverNeeds.Need need : needs.breakdown()) {
      lines.add(String.format("  %10s  %s", Quantity.bytes(need.bytes()), need.name()));
    }
    lines.add(freeInRegion + " of its " + region.count() + " pages are free now");
    lines.addAll(layout.image().describe().lines().toList());
    lines.add("saver's command line: " + layout.commandLine());
    return lines;
  }
}
