package org.dormouse.cli;

import java.util.Locale;
import java.util.stream.Stream;
import org.dormouse.boot.CallRecord;
import org.dormouse.boot.ProcessorMode;
import org.dormouse.boot.Register;

/** The exceptions that a program is likely to meet: Intel SDM volume 3A, table 6-1. */
enum ProcessorException {
  DIVIDE_ERROR(0),
  DEBUG(1),
  NON_MASKABLE_INTERRUPT(2),
  BREAKPOINT(3),
  OVERFLOW(4),
  BOUND_RANGE_EXCEEDED(5),
  INVALID_OPCODE(6),
  DEVICE_NOT_AVAILABLE(7),
  DOUBLE_FAULT(8),
  INVALID_TSS(10),
  SEGMENT_NOT_PRESENT(11),
  STACK_FAULT(12),
  GENERAL_PROTECTION(13),
  PAGE_FAULT(14),
  FLOATING_POINT_ERROR(16),
  ALIGNMENT_CHECK(17),
  MACHINE_CHECK(18),
  SIMD_FLOATING_POINT(19);

  private final int vector;

  ProcessorException(int vector) {
    this.vector = vector;
  }

  /** Its number. */
  int vector() {
    return vector;
  }

  /** What ended a program, in words. */
  static String describe(ProcessorMode mode, CallRecord record) {
    String name =
        Stream.of(values())
            .filter(each -> each.vector == record.vector())
            .findFirst()
            .map(each -> " (" + each.name().toLowerCase(Locale.ROOT).replace('_', ' ') + ")")
            .orElse("");
    String about =
        record.vector() == PAGE_FAULT.vector
            ? String.format(
                ", address 0x%x, which is %s",
                record.faultAddress(), (record.errorCode() & 1) == 0 ? "not mapped" : "read-only")
            : "";
    return String.format(
        "exception %d%s at %s, error code 0x%x%s",
        record.vector(), name, where(mode, record), record.errorCode(), about);
  }

  /** Where a program was. */
  static String where(ProcessorMode mode, CallRecord record) {
    return mode == ProcessorMode.REAL
        ? String.format(
            "%04x:%04x", record.registers().word(Register.CS), record.registers().word(Register.IP))
        : String.format("0x%x", record.registers().get(Register.IP));
  }
}
