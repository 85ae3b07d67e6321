package org.dormouse.boot;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
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

  /** Whether the original kernel can come back to where it was left from. */
  enum Return {
    /** It is told that there is nobody. */
    FOR_GOOD,
    /** It is given a way back into the saver kernel, which leads through the stub. */
    WITH_REENTRY
  }

  /**
   * From the saver kernel back into the original kernel.
   *
   * @param tables map what the stub needs; two places are added
   * @param manner for good, or with a re-entry
   * @param jumpBackEntry where the original kernel goes on
   */
  record JumpBack(Tables tables, Return manner, long jumpBackEntry) implements Stub {
    /** Where in the stub the jump back entry is, in bytes, for who learns of it later. */
    public static final int JUMP_BACK_ENTRY = PARAMETERS + 4 * Long.BYTES;

    @Override
    public byte[] bytes() {
      return assembled(
          "jump-back",
          tables.root(),
          PageTables.rootShift(tables.mode()),
          tables.spare(),
          manner == Return.WITH_REENTRY ? 1 : 0,
          jumpBackEntry);
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
   * @param tables map what the stub needs, the word, the log and the list of frames among it; one
   *     place is added, and a page for each page of the log
   * @param processor the APIC ID of the original kernel's first processor; on any other one the
   *     machine is restarted
   * @param wordSlot address of the eight bytes that become {@code word}; 0 = there are none
   * @param word what tells the original kernel what has happened
   * @param jumpBackEntry where the original kernel goes on
   * @param log what the saver kernel printed
   */
  record CrashBack(
      Tables tables, int processor, long wordSlot, long word, long jumpBackEntry, LogCopy log)
      implements Stub {
    @Override
    public byte[] bytes() {
      return assembled(
          "crash-back",
          tables.root(),
          PageTables.rootShift(tables.mode()),
          tables.spare(),
          Integer.toUnsignedLong(processor),
          wordSlot,
          word,
          jumpBackEntry,
          log.from(),
          log.pages(),
          log.frames());
    }
  }

  private static byte[] assembled(String name, long... parameters) {
    byte[] bytes = resource(name + ".bin");
    MemorySegment stub = MemorySegment.ofArray(bytes);
    for (int i = 0; i < parameters.length; i++) {
      stub.set(LittleEndian.U64, PARAMETERS + (long) i * Long.BYTES, parameters[i]);
    }
    return bytes;
  }

  private static byte[] resource(String name) {
    try (InputStream in = Stub.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(
            name + " is missing beside the classes: Dormouse was not built with Maven");
      }
      byte[] bytes = in.readAllBytes();
      if (bytes.length != SIZE) {
        throw new IllegalStateException(name + " has " + bytes.length + " bytes, not " + SIZE);
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
