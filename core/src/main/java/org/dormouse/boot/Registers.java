package org.dormouse.boot;

import java.util.EnumMap;
import java.util.Map;

/**
 * What is in a processor's registers.
 *
 * @param values of those that are not 0
 */
public record Registers(Map<Register, Long> values) {
  /** The carry flag, {@code CF}: for a BIOS, "it was not done". */
  public static final long CARRY = 1;

  /** The flag that is always 1: Intel SDM volume 1, "EFLAGS Register". */
  private static final long ALWAYS = 2;

  /** Copies the map. */
  public Registers {
    values = Map.copyOf(values);
  }

  /** All of them 0, no flag set. */
  public static Registers zero() {
    return new Registers(Map.of(Register.FLAGS, ALWAYS));
  }

  /** What is in a register. */
  public long get(Register register) {
    return values.getOrDefault(register, 0L);
  }

  /** The lowest 16 bits of what is in a register. */
  public int word(Register register) {
    return (int) (get(register) & 0xffff);
  }

  /** Whether the carry flag is set. */
  public boolean carry() {
    return (get(Register.FLAGS) & CARRY) != 0;
  }

  /** The same with another value in one of them. */
  public Registers with(Register register, long value) {
    Map<Register, Long> changed = new EnumMap<>(Register.class);
    changed.putAll(values);
    changed.put(register, value);
    return new Registers(changed);
  }
}
