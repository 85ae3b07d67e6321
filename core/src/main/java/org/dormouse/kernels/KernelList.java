package org.dormouse.kernels;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.dormouse.machine.DiskFacts;
import org.dormouse.machine.DiskUse;
import org.dormouse.machine.DisksInUse;
import org.dormouse.protocol.KernelTable;
import org.dormouse.protocol.KernelTable.Member;
import org.dormouse.protocol.KernelTable.State;
import org.dormouse.text.Quantity;

/** Which kernels there are and how they stand, for people; the same in each of them. */
public final class KernelList {
  private static final String FORMAT = "%-16s %-9s %9s  %-20s  %s";

  private KernelList() {}

  /** Looks at the running machine; a line for each kernel, below a heading. */
  public static List<String> observe() throws IOException {
    Optional<Switchboard> found = Switchboard.open();
    if (found.isPresent()) {
      try (Switchboard board = found.get()) {
        return of(board.read(), DisksInUse.of(DiskFacts.observe()));
      }
    }
    List<String> lines = new ArrayList<>();
    lines.add(heading());
    for (Registration each : Registry.running().all()) {
      lines.add(
          String.format(
              Locale.ROOT,
              FORMAT,
              each.name(),
              "added",
              Quantity.bytes(each.memoryBytes()),
              "",
              "not loaded yet"));
    }
    return lines;
  }

  /**
   * The lines of a table.
   *
   * @param own what the running kernel has in use now
   */
  static List<String> of(KernelTable table, List<DiskUse> own) {
    List<String> lines = new ArrayList<>();
    lines.add(heading());
    for (Member member : table.members()) {
      lines.add(
          String.format(
              Locale.ROOT,
              FORMAT,
              member.name(),
              member.state().name().toLowerCase(Locale.ROOT),
              member.region().isEmpty() ? "the rest" : Quantity.bytes(member.region().bytes()),
              Instant.ofEpochMilli(member.since()).truncatedTo(ChronoUnit.SECONDS),
              uses(member.state() == State.RUNNING ? own : member.uses())));
    }
    if (!table.happened().isEmpty()) {
      lines.add("last: " + table.happened());
    }
    return lines;
  }

  private static String heading() {
    return String.format(Locale.ROOT, FORMAT, "NAME", "STATE", "MEMORY", "SINCE", "DISKS IN USE");
  }

  static String uses(Member member) {
    return uses(member.uses());
  }

  private static String uses(List<DiskUse> uses) {
    return uses.isEmpty()
        ? "no disk in use"
        : String.join("; ", uses.stream().map(DiskUse::described).toList());
  }
}
