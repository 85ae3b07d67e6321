package org.dormouse.physical;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.dormouse.boot.BiosProgram;
import org.dormouse.boot.Register;
import org.dormouse.kexec.CallRequest.Preset;
import org.dormouse.linux.Bios;
import org.dormouse.linux.FirmwareMemoryMap;
import org.dormouse.physical.PhysicalCall.Outcome;
import org.dormouse.text.ReportException;

/**
 * In the running kernel: calls the machine's BIOS, which only real mode can do.
 *
 * @param interrupt 0 to 255
 * @param call what is run
 */
public record BiosCall(int interrupt, PhysicalCall call) {
  private static final String UNTOUCHED = "Nothing was changed; the machine goes on.";

  /** INT 15h, "system services". */
  private static final int SYSTEM = 0x15;

  /** More pieces than Linux takes from a boot loader (128), three times over. In bytes. */
  private static final long MAP_BYTES = 384 * BiosProgram.MEMORY_MAP_ENTRY;

  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /**
   * A call of an interrupt.
   *
   * @param registers what it finds in registers; 0 in those that are not named, but DS and ES,
   *     which are the program's segment
   */
  public static BiosCall of(int interrupt, List<Preset> registers) {
    return new BiosCall(
        interrupt,
        PhysicalCall.of(BiosProgram.interrupt(interrupt))
            .withWholeOutput(0)
            .withRegisters(zeroed(registers)));
  }

  /**
   * Likewise, with ES:DI pointing at memory of so many bytes, zeros, which are the output.
   *
   * @param registers DI and ES are not among them
   */
  public static BiosCall withBuffer(int interrupt, List<Preset> registers, long bytes) {
    int edx =
        registers.stream()
            .filter(preset -> preset.register() == Register.DX)
            .mapToInt(preset -> (int) preset.value())
            .findFirst()
            .orElse(0);
    List<Preset> others =
        zeroed(registers).stream()
            .filter(preset -> preset.register() != Register.DX && preset.register() != Register.DI)
            .toList();
    return new BiosCall(
        interrupt,
        PhysicalCall.of(BiosProgram.interruptWithBuffer(interrupt, edx))
            .withWholeOutput(bytes)
            .withRegisters(others));
  }

  /** The convention of programs says something else of four of them. */
  private static List<Preset> zeroed(List<Preset> registers) {
    List<Preset> all = new ArrayList<>();
    for (Register register : List.of(Register.CX, Register.DX, Register.SI, Register.DI)) {
      all.add(new Preset(register, 0));
    }
    all.addAll(registers);
    return all;
  }

  /**
   * The plan in lines for people. Changes nothing.
   *
   * @throws ReportException if this machine cannot do it
   */
  public List<String> dryRun() throws IOException {
    check(interrupt);
    return call.dryRun();
  }

  /**
   * Calls.
   *
   * @throws ReportException if this machine has no BIOS, or it did not come to it
   */
  public Outcome run() throws IOException {
    check(interrupt);
    return call.run();
  }

  /**
   * Asks for the memory map.
   *
   * @throws ReportException if this machine has no BIOS, or it does not tell
   */
  public static FirmwareMemoryMap memoryMap() throws IOException {
    check(SYSTEM);
    Outcome outcome = memoryMapCall().run();
    if (outcome instanceof Outcome.Returned(var record, MemorySegment output)
        && record.registers().word(Register.AX) == 0) {
      return map(output);
    }
    throw new ReportException(
        "the BIOS does not tell its memory map (INT 15h, AX=E820h)",
        "Nothing is loaded; the machine goes on.",
        "There is nothing to be done: it has no such service, or it fails.");
  }

  /**
   * The plan of {@link #memoryMap} in lines for people. Changes nothing.
   *
   * @throws ReportException if this machine cannot do it
   */
  public static List<String> dryMemoryMap() throws IOException {
    check(SYSTEM);
    return memoryMapCall().dryRun();
  }

  private static PhysicalCall memoryMapCall() {
    return PhysicalCall.of(BiosProgram.memoryMap()).withOutput(MAP_BYTES);
  }

  private static FirmwareMemoryMap map(MemorySegment output) {
    List<FirmwareMemoryMap.Entry> entries = new ArrayList<>();
    for (long at = 0; at < output.byteSize(); at += BiosProgram.MEMORY_MAP_ENTRY) {
      long length = output.get(U64, at + 8);
      if (length != 0) {
        entries.add(
            FirmwareMemoryMap.Entry.ofE820(output.get(U64, at), length, output.get(U32, at + 16)));
      }
    }
    return new FirmwareMemoryMap(entries);
  }

  private static void check(int interrupt) throws IOException {
    switch (Bios.behind(interrupt)) {
      case ANSWERS, ASSUMED -> {}
      case NO_SUCH_INTERRUPT ->
          throw new ReportException(
              String.format("this machine's BIOS has nothing behind interrupt 0x%x", interrupt),
              UNTOUCHED,
              "Name another interrupt.");
      case UEFI ->
          throw new ReportException(
              "this machine was started by UEFI: there is no BIOS to call",
              UNTOUCHED,
              "Start it by its BIOS (a compatibility support module, CSM), if it has one.");
    }
  }
}
