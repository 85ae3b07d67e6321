package org.dormouse.dump;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.dormouse.vmcore.VmcoreInfo;

/** A core's notes: {@code struct elf64_note}s back to back. */
final class CoreNotes {
  /** {@code struct elf64_note}: namesz, descsz, type. */
  private static final int HEADER = 12;

  /** {@code NT_PRSTATUS} in {@code include/uapi/linux/elf.h}. */
  static final int PRSTATUS = 1;

  /** {@code __START_KERNEL_map}, {@code arch/x86/include/asm/page_64_types.h}. */
  private static final long START_KERNEL_MAP = 0xffff_ffff_8000_0000L;

  /**
   * A note. Places are bytes from the start of all notes.
   *
   * @param name without the zeros behind it
   * @param type what it is, among those of that name
   * @param start its first byte
   * @param contents where its contents begin
   * @param contentBytes their length
   * @param end where the next note begins
   */
  record Note(String name, int type, int start, int contents, int contentBytes, int end) {}

  private final byte[] bytes;

  /** Copies nothing. */
  CoreNotes(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The notes one by one, as far as they are whole; the last one's padding may be missing. */
  Stream<Note> each() {
    return Stream.iterate(at(0), Optional::isPresent, note -> at(note.get().end()))
        .map(Optional::get);
  }

  private Optional<Note> at(int start) {
    if (start > bytes.length - HEADER) {
      return Optional.empty();
    }
    MemorySegment memory = MemorySegment.ofArray(bytes);
    int name = start + HEADER;
    long nameBytes = Integer.toUnsignedLong(memory.get(Elf64.U32, start));
    long contentBytes = Integer.toUnsignedLong(memory.get(Elf64.U32, start + 4L));
    long contents = name + padded(nameBytes);
    if (contents + contentBytes > bytes.length) {
      return Optional.empty();
    }
    return Optional.of(
        new Note(
            name(name, (int) nameBytes),
            memory.get(Elf64.U32, start + 8L),
            start,
            (int) contents,
            (int) contentBytes,
            (int) Math.min(contents + padded(contentBytes), bytes.length)));
  }

  private String name(int start, int length) {
    int end = start;
    while (end < start + length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
  }

  private static long padded(long length) {
    return (length + 3) & -4L;
  }

  /** The first one with the kernel's VMCOREINFO. */
  Optional<Note> vmcoreInfo() {
    return each().filter(note -> note.name().equals("VMCOREINFO")).findFirst();
  }

  /** How many processors' registers there are. */
  int processors() {
    return (int)
        each().filter(note -> note.type() == PRSTATUS && note.name().equals("CORE")).count();
  }

  /**
   * The kernel's {@code phys_base}: what its image lies off the place in memory that it was linked
   * for, in bytes. 0 if nothing tells.
   */
  static long physBase(CoreDescription description) {
    try {
      VmcoreInfo info = description.vmcoreInfo();
      if (info.hasNumber("phys_base")) {
        return info.number("phys_base");
      }
    } catch (IOException e) {
      // The loads may tell.
    }
    OptionalLong image =
        description.loads().stream()
            .filter(load -> Long.compareUnsigned(load.virtual(), START_KERNEL_MAP) >= 0)
            .mapToLong(load -> load.physical() - (load.virtual() - START_KERNEL_MAP))
            .findFirst();
    return image.orElse(0);
  }
}
