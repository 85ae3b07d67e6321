package org.dormouse.kexec;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalLong;
import org.dormouse.boot.BareProgram;
import org.dormouse.boot.PagingMode;
import org.dormouse.boot.Register;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * What a {@link CallLayout} is made from.
 *
 * @param machine where the program is to run
 * @param program what is called
 * @param data what goes in and what comes out
 * @param registers what the program finds in some registers, instead of what the convention says
 * @param ticks how long it may take, in periods of the 8254, of which 18.2 are a second; 0 for any
 *     time
 */
public record CallRequest(
    Machine machine, BareProgram program, Data data, List<Preset> registers, long ticks) {
  /** Copies the list. */
  public CallRequest {
    registers = List.copyOf(registers);
  }

  /**
   * The original machine.
   *
   * @param map its memory
   * @param managedPages how many pages the kernel manages: {@code MemTotal}
   * @param paging the kernel's paging mode
   * @param hpet address of the HPET, if there is one
   */
  public record Machine(MemoryMap map, long managedPages, PagingMode paging, OptionalLong hpet) {}

  /** How long the output is. */
  public enum OutputLength {
    /** As long as the program says in DX. */
    AS_TOLD,
    /** All the room that there is for it. */
    ALL
  }

  /**
   * What goes in and what comes out.
   *
   * @param input native memory, perhaps of length 0
   * @param frames the frames of the original kernel's for the results: one, and then as many as the
   *     output may fill; runs of neighbours
   * @param token what each of them begins with, so that the stub knows them
   * @param capacity the most bytes of output
   * @param length how long the output is
   */
  public record Data(
      MemorySegment input, List<PageRange> frames, long token, long capacity, OutputLength length) {
    /**
     * Copies the list, and checks that the output has frames.
     *
     * @throws IllegalArgumentException if it has too few or too many
     */
    public Data {
      frames = List.copyOf(frames);
      if (count(frames) != frames(capacity)) {
        throw new IllegalArgumentException(
            count(frames) + " frames for " + capacity + " bytes of output");
      }
    }

    /** How many frames it takes for the results with so many bytes of output. */
    public static long frames(long capacity) {
      return 1 + Pages.holding(capacity);
    }

    /** How many frames there are. */
    long frameCount() {
      return count(frames);
    }

    private static long count(List<PageRange> frames) {
      return frames.stream().mapToLong(PageRange::count).sum();
    }
  }

  /**
   * A register and what is in it at the entry.
   *
   * @param register one that the mode has; not SP, IP or CS, which are the layout's
   * @param value what is in it
   */
  public record Preset(Register register, long value) {}

  /** The pages that the program insists on; nothing else may go there. */
  List<PageRange> placed() {
    return switch (program) {
      case BareProgram.Flat _ -> List.of();
      case BareProgram.Placed placed ->
          placed.pieces().stream().map(BareProgram.Placed.Piece::pages).toList();
    };
  }
}
