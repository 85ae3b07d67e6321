package org.dormouse.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Programs for real mode that call a BIOS. */
public final class BiosProgram {
  /** How many bytes {@link #memoryMap} leaves for each piece: start, length, type. */
  public static final int MEMORY_MAP_ENTRY = 20;

  // Intel SDM volume 2
  private static final byte[] MOV_DX_TO_DI = {(byte) 0x89, (byte) 0xd7};
  private static final byte[] MOV_TO_EDX = {0x66, (byte) 0xba};
  private static final byte INT = (byte) 0xcd;
  private static final byte FAR_RETURN = (byte) 0xcb;

  private BiosProgram() {}

  /** Asks for the memory map; {@code bios-memory-map.S} says how it answers. */
  public static BareProgram memoryMap() {
    return BareProgram.flat(ProcessorMode.REAL, MachineCode.named("bios-memory-map"));
  }

  /**
   * Calls an interrupt with the registers as they are.
   *
   * @param number 0 to 255
   */
  public static BareProgram interrupt(int number) {
    return BareProgram.flat(ProcessorMode.REAL, new byte[] {INT, vector(number), FAR_RETURN});
  }

  /**
   * Calls an interrupt with ES:DI pointing at the output.
   *
   * @param number 0 to 255
   * @param edx what is in EDX then, which tells a program where its output goes until there
   */
  public static BareProgram interruptWithBuffer(int number, int edx) {
    return BareProgram.flat(
        ProcessorMode.REAL,
        ByteBuffer.allocate(MOV_DX_TO_DI.length + MOV_TO_EDX.length + Integer.BYTES + 3)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(MOV_DX_TO_DI)
            .put(MOV_TO_EDX)
            .putInt(edx)
            .put(INT)
            .put(vector(number))
            .put(FAR_RETURN)
            .array());
  }

  private static byte vector(int number) {
    if (number < 0 || number > 255) {
      throw new IllegalArgumentException(String.format("no interrupt 0x%x", number));
    }
    return (byte) number;
  }
}
