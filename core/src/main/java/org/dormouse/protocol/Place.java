package org.dormouse.protocol;

import org.dormouse.memory.PageRange;
import org.dormouse.text.KeyValues;

/**
 * Where the original kernel goes on and is talked to.
 *
 * @param jumpBackEntry physical address at which it goes on
 * @param mailbox physical address of the mailbox's first page
 * @param region the saver region, in which this kernel runs
 */
public record Place(long jumpBackEntry, long mailbox, PageRange region) {
  /** The same as lines, for a later run of the saver's program. */
  public String text() {
    return KeyValues.empty()
        .withAddress("jump_back_entry", jumpBackEntry)
        .withAddress("mailbox", mailbox)
        .with("region_start", region.start())
        .with("region_end", region.end())
        .toString();
  }

  /** Reads what {@link #text} wrote. */
  public static Place parse(String text) {
    KeyValues lines = KeyValues.parse(text);
    return new Place(
        lines.number("jump_back_entry"),
        lines.number("mailbox"),
        new PageRange(lines.number("region_start"), lines.number("region_end")));
  }
}
