package org.dormouse.dump;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.dormouse.vmcore.JumpedProcessor;

/** Notes that are not copied from anywhere: {@code struct elf64_note}, name and contents. */
final class NewNote {
  /** {@code struct elf64_note}: namesz, descsz, type. */
  private static final int HEADER = 12;

  /** Whose notes of our own are. Tools pass over a name that they do not know. */
  static final String OWN_NAME = "DORMOUSE";

  /** Of our own notes the one that has a sentence for people. */
  private static final int REMARK = 1;

  /** {@code struct elf_prstatus} of x86-64, {@code include/linux/elfcore.h}, in bytes. */
  private static final int PRSTATUS_BYTES = 336;

  /** Where in it the number of the task is: {@code pr_pid}, by which drgn finds the registers. */
  private static final int PID = 32;

  /** Where in it the registers are: {@code pr_reg}. */
  private static final int REGISTERS = 112;

  // arch/x86/include/asm/user_64.h, struct user_regs_struct: the places of its words.
  private static final int R15 = 0;
  private static final int R14 = 1;
  private static final int R13 = 2;
  private static final int R12 = 3;
  private static final int RBP = 4;
  private static final int RBX = 5;
  private static final int RIP = 16;
  private static final int CS = 17;
  private static final int FLAGS = 18;
  private static final int RSP = 19;
  private static final int SS = 20;

  // arch/x86/include/asm/segment.h
  private static final long KERNEL_CS = 0x10;
  private static final long KERNEL_DS = 0x18;

  private NewNote() {}

  /**
   * The registers of a processor, as {@code crash_save_cpu} writes them; what is not known is 0.
   */
  static byte[] of(JumpedProcessor registers, long task) {
    byte[] contents = new byte[PRSTATUS_BYTES];
    MemorySegment.ofArray(contents).set(Elf64.U32, PID, (int) task);
    MemorySegment words = MemorySegment.ofArray(contents).asSlice(REGISTERS);
    put(words, R15, registers.r15());
    put(words, R14, registers.r14());
    put(words, R13, registers.r13());
    put(words, R12, registers.r12());
    put(words, RBP, registers.rbp());
    put(words, RBX, registers.rbx());
    put(words, RIP, registers.rip());
    put(words, CS, KERNEL_CS);
    put(words, FLAGS, registers.flags());
    put(words, RSP, registers.rsp());
    put(words, SS, KERNEL_DS);
    return of("CORE", CoreNotes.PRSTATUS, contents);
  }

  /** A sentence for whoever looks. */
  static byte[] ofRemark(String sentence) {
    return of(OWN_NAME, REMARK, sentence.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] of(String name, int type, byte[] contents) {
    // With the zero at its end.
    int nameBytes = name.length() + 1;
    byte[] note = new byte[HEADER + padded(nameBytes) + padded(contents.length)];
    MemorySegment memory = MemorySegment.ofArray(note);
    memory.set(Elf64.U32, 0, nameBytes);
    memory.set(Elf64.U32, 4, contents.length);
    memory.set(Elf64.U32, 8, type);
    MemorySegment.copy(
        name.getBytes(StandardCharsets.US_ASCII),
        0,
        memory,
        ValueLayout.JAVA_BYTE,
        HEADER,
        name.length());
    System.arraycopy(contents, 0, note, HEADER + padded(nameBytes), contents.length);
    return note;
  }

  private static int padded(int length) {
    return (length + 3) & -4;
  }

  private static void put(MemorySegment words, int index, long value) {
    words.set(Elf64.U64, (long) index * Long.BYTES, value);
  }
}
