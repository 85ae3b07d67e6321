package org.dormouse.sleep;

import java.util.ArrayList;
import java.util.List;
import org.dormouse.kexec.RegionChoice;
import org.dormouse.kexec.SaverLayout;
import org.dormouse.kexec.SaverNeeds;
import org.dormouse.memory.Pages;
import org.dormouse.text.Quantity;

/**
 * How the saver kernel will be started.
 *
 * @param needs what the saver region is made of
 * @param place where it is
 * @param freeInRegion how many pages in it are free
 * @param mailbox physical address of the mailbox's first page
 * @param layout what is loaded
 */
public record SaverPlan(
    SaverNeeds needs, RegionChoice.Place place, long freeInRegion, long mailbox, SaverLayout layout) {
  /** The plan for people: what {@code --dry-run} prints. */
  public List<String> describe() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "saver region "
            + place.region()
            + ", "
            + Quantity.bytes(place.region().bytes())
            + ", made of:");
    for (SaverNeeds.Need need : needs.breakdown()) {
      lines.add(String.format("  %10s  %s", Quantity.bytes(need.bytes()), need.name()));
    }
    lines.add(
        String.format(
            "%,d of its %,d pages (%s) are free now",
            freeInRegion, place.region().count(), Quantity.bytes(Pages.address(freeInRegion))));
    lines.add(
        switch (place.start()) {
          case DIRECT -> "at the next power-on a boot loader can start the saver there itself";
          case THROUGH_KEXEC -> "at the next power-on another kernel has to start the saver there";
        });
    lines.addAll(layout.image().describe().lines().toList());
    lines.add("saver's command line: " + layout.commandLine());
    return lines;
  }
}
