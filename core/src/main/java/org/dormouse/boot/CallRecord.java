package org.dormouse.boot;

import java.lang.foreign.MemorySegment;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What {@code call-program} writes about the program that it has called.
 *
 * @param end how the program ended
 * @param vector with {@link End#FAULTED}: which exception
 * @param errorCode its error code; 0 if it has none
 * @param faultAddress the processor's CR2: with vector 14 the address that was not mapped
 * @param registers what was in the registers at the end
 */
public record CallRecord(
    End end, long vector, long errorCode, long faultAddress, Registers registers) {
  /** How a program ended. */
  public enum End {
    /** It is not known: nothing was written. */
    UNKNOWN,
    /** It returned. */
    RETURNED,
    /** By an exception. */
    FAULTED,
    /** It took too long. */
    TIMED_OUT
  }

  private static final int WORDS_BEFORE_REGISTERS = 4;

  /** How many bytes there are of it. */
  public static final int BYTES = (WORDS_BEFORE_REGISTERS + Register.values().length) * Long.BYTES;

  /** The words of it that a stub has before the program runs. */
  static LongStream initial(Registers registers) {
    return LongStream.concat(
        LongStream.generate(() -> 0).limit(WORDS_BEFORE_REGISTERS),
        Stream.of(Register.values()).mapToLong(registers::get));
  }

  /**
   * Reads it.
   *
   * @param memory {@link #BYTES} or more; zeros if nothing was written
   */
  public static CallRecord of(MemorySegment memory) {
    Registers registers = Registers.zero();
    int index = WORDS_BEFORE_REGISTERS;
    for (Register register : Register.values()) {
      registers = registers.with(register, word(memory, index++));
    }
    long end = word(memory, 0);
    return new CallRecord(
        end < 0 || end >= End.values().length ? End.UNKNOWN : End.values()[(int) end],
        word(memory, 1),
        word(memory, 2),
        word(memory, 3),
        registers);
  }

  private static long word(MemorySegment memory, int index) {
    return memory.get(LittleEndian.U64, (long) index * Long.BYTES);
  }
}
