package org.dormouse.vmcore;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a kernel says of itself for those who read its memory: the VMCOREINFO note, lines of
 * key=value ({@code kernel/vmcore_info.c}, {@code Documentation/admin-guide/kdump/vmcoreinfo.rst}).
 *
 * <p>Names are the kernel's own. A look-up of what is missing, or is no number, names it.
 */
public final class VmcoreInfo {
  /** {@code VMCOREINFO_NOTE_NAME}, with the zero at its end, in a multiple of 4 bytes. */
  private static final byte[] NOTE_NAME = "VMCOREINFO\0\0".getBytes(StandardCharsets.US_ASCII);

  /** Bytes of {@code VMCOREINFO_NOTE_NAME} with the zero, what the note's header says. */
  private static final int NOTE_NAME_SIZE = 11;

  /** {@code struct elf64_note}: namesz, descsz, type. */
  private static final int NOTE_HEADER = 12;

  /** No kernel's note is that long ({@code VMCOREINFO_BYTES} is a page, so far). */
  private static final int MOST_BYTES = 1 << 20;

  private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;

  private final Map<String, String> values;

  private VmcoreInfo(Map<String, String> values) {
    this.values = values;
  }

  /**
   * Reads the note out of the kernel's memory.
   *
   * @param address physical address of the ELF note, as {@code vmcoreinfo} in sysfs has it
   * @param bytes its size there, an upper bound
   * @throws IOException if it cannot be read, or is no such note
   */
  public static VmcoreInfo read(OriginalMemory memory, long address, long bytes)
      throws IOException {
    if (bytes < 0 || bytes > MOST_BYTES) {
      throw new VmcoreException("a VMCOREINFO note of " + bytes + " bytes");
    }
    byte[] note = new byte[(int) bytes];
    memory.read(address, MemorySegment.ofArray(note));
    return ofNote(note);
  }

  /**
   * Parses an ELF note.
   *
   * @param note header, name and text; more may follow
   */
  public static VmcoreInfo ofNote(byte[] note) throws VmcoreException {
    MemorySegment bytes = MemorySegment.ofArray(note);
    int start = NOTE_HEADER + NOTE_NAME.length;
    if (note.length < start
        || bytes.get(U32, 0) != NOTE_NAME_SIZE
        || MemorySegment.mismatch(
                bytes, NOTE_HEADER, start, MemorySegment.ofArray(NOTE_NAME), 0, NOTE_NAME.length)
            != -1) {
      throw new VmcoreException("there is no VMCOREINFO note");
    }
    int size = bytes.get(U32, Integer.BYTES);
    if (size < 0 || size > note.length - start) {
      throw new VmcoreException("a VMCOREINFO text of " + Integer.toUnsignedLong(size) + " bytes");
    }
    return ofText(new String(note, start, size, StandardCharsets.US_ASCII));
  }

  /**
   * Parses the text. Of a key that comes twice, the last counts. A line with a control character is
   * none: what it says may be told on a console.
   */
  public static VmcoreInfo ofText(String text) {
    Map<String, String> values = new LinkedHashMap<>();
    text.lines()
        .forEach(
            line -> {
              int equals = line.indexOf('=');
              if (equals > 0 && line.chars().noneMatch(Character::isISOControl)) {
                values.put(line.substring(0, equals), line.substring(equals + 1).strip());
              }
            });
    return new VmcoreInfo(values);
  }

  /** The value of a key, such as {@code OSRELEASE}. */
  public String value(String key) throws VmcoreException {
    String value = values.get(key);
    if (value == null) {
      throw new VmcoreException("VMCOREINFO lacks " + key);
    }
    return value;
  }

  /** The value of a key that not every kernel has. */
  public Optional<String> optional(String key) {
    return Optional.ofNullable(values.get(key));
  }

  /** Whether there is a {@code NUMBER(name)}. */
  public boolean hasNumber(String name) {
    return values.containsKey("NUMBER(" + name + ")");
  }

  /** {@code NUMBER(name)}: decimal, with a sign; or hexadecimal after 0x. */
  public long number(String name) throws VmcoreException {
    String key = "NUMBER(" + name + ")";
    String value = value(key);
    return value.startsWith("0x") ? parse(key, value.substring(2), 16) : parse(key, value, 10);
  }

  /** {@code SYMBOL(name)}: a virtual address. Of an array, that of its first element. */
  public long symbol(String name) throws VmcoreException {
    String key = "SYMBOL(" + name + ")";
    return parse(key, value(key), 16);
  }

  /** Whether there is a {@code SYMBOL(name)}. */
  public boolean hasSymbol(String name) {
    return values.containsKey("SYMBOL(" + name + ")");
  }

  /** {@code SIZE(name)}: bytes in a structure. */
  public long size(String name) throws VmcoreException {
    return unsigned("SIZE(" + name + ")");
  }

  /** {@code OFFSET(structure.member)}: bytes. */
  public long offset(String member) throws VmcoreException {
    return unsigned("OFFSET(" + member + ")");
  }

  /** Whether there is an {@code OFFSET(structure.member)}. */
  public boolean hasOffset(String member) {
    return values.containsKey("OFFSET(" + member + ")");
  }

  /** {@code LENGTH(name)}: elements in an array. */
  public long length(String name) throws VmcoreException {
    return unsigned("LENGTH(" + name + ")");
  }

  private long unsigned(String key) throws VmcoreException {
    long value = parse(key, value(key), 10);
    if (value < 0) {
      throw new VmcoreException("VMCOREINFO has " + key + "=" + value(key));
    }
    return value;
  }

  private static long parse(String key, String value, int radix) throws VmcoreException {
    try {
      return radix == 16 ? Long.parseUnsignedLong(value, 16) : Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new VmcoreException("VMCOREINFO has " + key + "=" + value + ", which is no number");
    }
  }
}
