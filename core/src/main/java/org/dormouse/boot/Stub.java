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
   * @param hexSlot address of the 16 digits of the saver's command line that become the jump back
   *     entry
   * @param bootParams address of the saver's boot_params
   * @param kernelEntry address of the saver's 64-bit entry point
   */
  record EnterSaver(long hexSlot, long bootParams, long kernelEntry) implements Stub {
    @Override
    public byte[] bytes() {
      return assembled("enter-saver", hexSlot, bootParams, kernelEntry);
    }
  }

  /**
   * From the saver kernel back into the original kernel.
   *
   * @param pageTables address of page tables that map all of the original kernel's RAM, in its mode
   * @param jumpBackEntry where the original kernel goes on
   */
  record JumpBack(long pageTables, long jumpBackEntry) implements Stub {
    @Override
    public byte[] bytes() {
      return assembled("jump-back", pageTables, jumpBackEntry);
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
