package org.dormouse.boot;

import java.lang.foreign.MemorySegment;
import java.util.stream.LongStream;
import org.dormouse.memory.Pages;

/**
 * A page of machine code that runs between two kernels, with its parameters filled in. What each
 * one does, and what it finds and leaves, stands at the head of its source in {@code src/main/asm}.
 * All addresses are physical. A stub runs from its first byte, on an identity mapping, at any page.
 */
public sealed interface Stub {
  /** How large a stub is: its code, descriptors and stack, in bytes. */
  int SIZE = Pages.SIZE;

  /** Where the parameters begin, in bytes: see {@code src/main/asm/stub.inc}. */
  int PARAMETERS = 16;

  /** The page to load: {@link #SIZE} bytes. */
  byte[] bytes();

  /**
   * From the original kernel into the saver kernel.
   *
   * @param pageTables address of page tables that map the saver's memory and the local APIC, in the
   *     original kernel's mode
   * @param hexSlot address of the 16 digits of the saver's command line that become the jump back
   *     entry
   * @param wordSlot address of the eight bytes that become the jump back entry; 0 = there are none
   * @param bootParams address of the saver's boot_params
   * @param kernelEntry address of the saver's 64-bit entry point
   */
  record EnterSaver(long pageTables, long hexSlot, long wordSlot, long bootParams, long kernelEntry)
      implements Stub {
    @Override
    public byte[] bytes() {
      return assembled("enter-saver", pageTables, hexSlot, wordSlot, bootParams, kernelEntry);
    }
  }

  /**
   * Page tables that a stub completes itself, because they have to map what is only known when it
   * runs.
   *
   * @param root address of page tables that map the stub, these tables and the local APIC
   * @param mode the original kernel's paging mode
   * @param spare address of pages of zeros, {@link PageTables#most} for all that is to be mapped
   */
  record Tables(long root, PagingMode mode, long spare) {}

  /**
   * Whether the kernel that is left is to be entered again, and what the next one finds at {@code
   * 0(%rsp)}.
   */
  sealed interface Return {
    /** The original kernel is told that there is nobody. */
    Return FOR_GOOD = new ForGood(0);

    /** The original kernel is given a way back into this one, which leads through the stub. */
    Return WITH_REENTRY = new WithReentry(0);

    /**
     * The kernel ends with the jump.
     *
     * @param word what the next one finds; 0 = there is nobody
     */
    record ForGood(long word) implements Return {}

    /**
     * The kernel stays as it is.
     *
     * @param word what the next one finds; 0 = the way back into this one
     */
    record WithReentry(long word) implements Return {}
  }

  /**
   * From a kernel that the original kernel has loaded back into that, or on into another of them.
   *
   * @param tables map what the stub needs; two places are added
   * @param manner for good, or with a re-entry
   * @param destination the original kernel's jump back entry, or where the other kernel is entered
   */
  record JumpBack(Tables tables, Return manner, long destination) implements Stub {
    /** Where in the stub the jump back entry is, in bytes, for who learns of it later. */
    public static final int JUMP_BACK_ENTRY = PARAMETERS + 5 * Long.BYTES;

    private static final int REENTER = JUMP_BACK_ENTRY + Long.BYTES;

    /** Where in the stub a kernel that has left with it is entered again, in bytes. */
    public static long reentry() {
      return MemorySegment.ofArray(MachineCode.named("jump-back")).get(LittleEndian.U64, REENTER);
    }

    @Override
    public byte[] bytes() {
      return switch (manner) {
        case Return.ForGood(long word) -> bytes(0, word);
        case Return.WithReentry(long word) -> bytes(1, word);
      };
    }

    private byte[] bytes(long kept, long word) {
      return assembled(
          "jump-back",
          tables.root(),
          PageTables.rootShift(tables.mode()),
          tables.spare(),
          kept,
          word,
          destination);
    }
  }

  /**
   * From the original kernel into one of several kernels: where to stands in the switch table.
   *
   * @param table the physical address of the table's first page
   */
  record Dispatch(long table) implements Stub {
    @Override
    public byte[] bytes() {
      return assembled("dispatch", table);
    }
  }

  /**
   * What a stub copies page by page on its way.
   *
   * @param from address of the first page
   * @param pages how many there are; 0 = nothing is copied
   * @param frames address of a list with the PFN, of eight bytes, that each goes to
   */
  record LogCopy(long from, long pages, long frames) {}

  /**
   * From a saver kernel that has panicked back into the original kernel.
   *
   * @param tables map what the stub needs, the notice, the log and the list of frames among it; one
   *     place is added, and a page for each page of the log
   * @param processor the APIC ID of the original kernel's first processor; on any other one the
   *     machine is restarted
   * @param noticeSlot address of the eight bytes that become {@code notice}; 0 = there are none
   * @param notice what tells the original kernel what has happened
   * @param word what the original kernel finds at {@code 0(%rsp)}; 0 = there is nobody
   * @param jumpBackEntry where the original kernel goes on
   * @param log what the saver kernel printed
   */
  record CrashBack(
      Tables tables,
      int processor,
      long noticeSlot,
      long notice,
      long word,
      long jumpBackEntry,
      LogCopy log)
      implements Stub {
    @Override
    public byte[] bytes() {
      return assembled(
          "crash-back",
          tables.root(),
          PageTables.rootShift(tables.mode()),
          tables.spare(),
          Integer.toUnsignedLong(processor),
          noticeSlot,
          notice,
          word,
          jumpBackEntry,
          log.from(),
          log.pages(),
          log.frames());
    }
  }

  /**
   * From the original kernel into a program for the bare processor and back.
   *
   * @param pageTables address of page tables, below 4 GiB, that map the original kernel's memory
   *     and the program's, in the original kernel's mode
   * @param call the program, and the registers that it finds
   * @param results where what becomes of it goes
   * @param timer what ends it if it does not end by itself
   */
  record CallProgram(long pageTables, Call call, Results results, Timer timer) implements Stub {
    /** How many pages the stub takes: its own, and one of zeros behind it. */
    public static final int PAGES = 2;

    /**
     * What is called.
     *
     * @param mode the processor's mode
     * @param entry the address; in real mode segment and offset, the segment in the upper half
     * @param stack its top, likewise
     * @param registers what the program finds in the others; in real mode DS and ES too
     */
    public record Call(ProcessorMode mode, long entry, long stack, Registers registers) {}

    /**
     * Frames of the original kernel's for what the program leaves.
     *
     * @param list address of a list of their addresses, eight bytes each: the frame for the {@link
     *     CallRecord}, then those for the output
     * @param count how many they are together, 1 or more
     * @param token what the first eight bytes of each frame must be for anything to be written
     * @param output where the program puts its output
     * @param capacity the most bytes that it may be
     * @param bytes how many bytes of it are kept; {@link #AS_TOLD} for as many as the program says
     */
    public record Results(
        long list, long count, long token, long output, long capacity, long bytes) {
      /** The program says in DX how long its output is. */
      public static final long AS_TOLD = -1;
    }

    /**
     * How long the program may take.
     *
     * @param ticks in periods of the 8254, of which 18.2 are a second; 0 for any time
     * @param hpet address of the HPET, which may stand in for the 8254; 0 if there is none
     */
    public record Timer(long ticks, long hpet) {}

    @Override
    public byte[] bytes() {
      return assembled("call-program", parameters());
    }

    private long[] parameters() {
      LongStream first =
          LongStream.of(
              pageTables,
              call.mode().bits(),
              call.entry(),
              call.stack(),
              results.list(),
              results.count(),
              results.token(),
              results.output(),
              results.capacity(),
              results.bytes(),
              timer.ticks(),
              timer.hpet());
      return LongStream.concat(first, CallRecord.initial(call.registers())).toArray();
    }
  }

  private static byte[] assembled(String name, long... parameters) {
    byte[] bytes = resource(name);
    MemorySegment stub = MemorySegment.ofArray(bytes);
    for (int i = 0; i < parameters.length; i++) {
      stub.set(LittleEndian.U64, PARAMETERS + (long) i * Long.BYTES, parameters[i]);
    }
    return bytes;
  }

  private static byte[] resource(String name) {
    byte[] bytes = MachineCode.named(name);
    if (bytes.length != SIZE) {
      throw new IllegalStateException(name + " has " + bytes.length + " bytes, not " + SIZE);
    }
    return bytes;
  }
}
