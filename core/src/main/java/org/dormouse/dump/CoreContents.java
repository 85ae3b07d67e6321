package org.dormouse.dump;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;

/**
 * A kernel's memory, as a whole or in part: what a file for other tools is made from.
 *
 * @param description what else is known of the kernel
 * @param ram all its RAM: in ascending order, disjoint
 * @param frames reaches the pages whose contents are stored
 * @param presence pages that are stored, and pages of which is known that they are zero: all of
 *     them RAM, none of them in both sets, and both sets with the same limit. What is in neither is
 *     left out of the file
 */
public record CoreContents(
    CoreDescription description, List<PageRange> ram, Frames frames, CoreFile.Presence presence) {
  /**
   * Looks at the order of the RAM.
   *
   * @throws IllegalArgumentException if there is none, or it is not in ascending order
   */
  public CoreContents {
    ram = List.copyOf(ram);
    if (ram.isEmpty()) {
      throw new IllegalArgumentException("no RAM");
    }
    for (int i = 1; i < ram.size(); i++) {
      if (ram.get(i).start() < ram.get(i - 1).end()) {
        throw new IllegalArgumentException(ram.get(i - 1) + " comes before " + ram.get(i));
      }
    }
  }

  /**
   * All that is in a file.
   *
   * @param arena owns what tells which pages that are; shared
   */
  public static CoreContents of(CoreFile file, Arena arena) throws IOException {
    return new CoreContents(file.description(), file.ram(), file.frames(), file.presence(arena));
  }

  /** The PFN after the last page of RAM. */
  long limit() {
    return ram.getLast().end();
  }
}
