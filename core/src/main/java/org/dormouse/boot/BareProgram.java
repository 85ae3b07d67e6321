package org.dormouse.boot;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/** A program for the bare processor: what there is of it, and where it wants to be. */
public sealed interface BareProgram {
  /** The mode that it is written for. */
  ProcessorMode mode();

  /** A flat program that is entered at its first byte. */
  static BareProgram flat(ProcessorMode mode, byte[] code) {
    return new Flat(mode, MemorySegment.ofArray(code), 0);
  }

  /**
   * Bytes that run wherever they are put; in real mode, at offset 0 of their segment.
   *
   * @param code not empty
   * @param entry how many bytes after the first one it is entered
   */
  record Flat(ProcessorMode mode, MemorySegment code, long entry) implements BareProgram {
    /**
     * Checks the entry.
     *
     * @throws IllegalArgumentException if there is no code, or the entry is not in it
     */
    public Flat {
      if (entry < 0 || entry >= code.byteSize()) {
        throw new IllegalArgumentException(
            String.format("no entry at offset 0x%x of %d bytes", entry, code.byteSize()));
      }
    }
  }

  /**
   * A program that has its place.
   *
   * @param pieces disjoint, ascending
   * @param entry a physical address in one of them
   */
  record Placed(ProcessorMode mode, List<Piece> pieces, long entry) implements BareProgram {
    /**
     * A piece of it.
     *
     * @param pages where it lies
     * @param content as long as that, or shorter: the rest is zeros
     */
    public record Piece(PageRange pages, MemorySegment content) {}

    /**
     * Copies the list, and checks the entry.
     *
     * @throws IllegalArgumentException if the entry lies in no piece
     */
    public Placed {
      pieces = List.copyOf(pieces);
      if (pieces.stream().noneMatch(piece -> piece.pages().contains(Pages.pfn(entry)))) {
        throw new IllegalArgumentException(
            String.format("the entry 0x%x lies in no piece of the program", entry));
      }
    }
  }
}
