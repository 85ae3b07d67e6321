package org.dormouse.boot;

import java.util.Locale;

/** The registers of a program, in the order in which {@code call-program.S} has them. */
public enum Register {
  AX,
  BX,
  CX,
  DX,
  SI,
  DI,
  BP,
  SP,
  R8,
  R9,
  R10,
  R11,
  R12,
  R13,
  R14,
  R15,
  IP,
  FLAGS,
  CS,
  DS,
  ES;

  /** What it is called in this mode: {@code rax}, {@code eax}, {@code ax}. */
  public String name(ProcessorMode mode) {
    String name = name().toLowerCase(Locale.ROOT);
    return isNumbered() || isSegment()
        ? name
        : switch (mode) {
          case LONG -> "r" + name;
          case PROTECTED -> "e" + name;
          // 32 bits of them are there in real mode, and some services of a BIOS use them.
          case REAL -> this == IP ? name : "e" + name;
        };
  }

  /** Whether a program in this mode has it, and leaves something in it. */
  public boolean isIn(ProcessorMode mode) {
    return switch (mode) {
      case LONG -> !isSegment();
      case PROTECTED -> !isNumbered() && !isSegment();
      case REAL -> !isNumbered();
    };
  }

  private boolean isNumbered() {
    return compareTo(R8) >= 0 && compareTo(R15) <= 0;
  }

  private boolean isSegment() {
    return compareTo(CS) >= 0;
  }
}
