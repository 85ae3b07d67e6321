package org.dormouse.sleep;

import java.util.ArrayList;
import java.util.List;
import org.dormouse.kexec.RegionChoice;
import org.dormouse.kexec.SaverLayout;
import org.dormouse.kexec.SaverNeeds;
import org.dormouse.text.Quantity;

/**
 * How the saver kernel will be started.
 *
 * @param needs what the saver region is made of
 * @param place where it is
 * @param layout what is loaded
 */
public record SaverPlan(SaverNeeds needs, RegionChoice.Place place, SaverLayout layout) {
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
        switch (place.start()) {
          case DIRECT -> "at the next power-on a boot loader can start the saver there itself";
          case THROUGH_KEXEC -> "at the next power-on another kernel has to start the saver there";
        });
    lines.addAll(layout.image().describe().lines().toList());
    lines.add("saver's command line: " + layout.commandLine());
    return lines;
  }
}
