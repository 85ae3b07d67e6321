package org.dormouse.dump;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.dormouse.vmcore.VmcoreInfo;

/**
 * What the writers of dumps have to know of a kernel's notes.
 *
 * @param textOffset where the text of VMCOREINFO begins in the notes; 0 if there is none
 * @param textBytes its length
 * @param processors how many processors' registers there are
 */
record CoreNotes(int textOffset, int textBytes, int processors) {
  /** {@code struct elf64_note}: namesz, descsz, type. */
  private static final int HEADER = 12;

  /** {@code NT_PRSTATUS} in {@code include/uapi/linux/elf.h}. */
  private static final int PRSTATUS = 1;

  private static final byte[] VMCOREINFO = "VMCOREINFO".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CORE = "CORE".getBytes(StandardCharsets.US_ASCII);

  /** {@code __START_KERNEL_map}, {@code arch/x86/include/asm/page_64_types.h}. */
  private static final long START_KERNEL_MAP = 0xffff_ffff_8000_0000L;

  private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED;

  /** Looks at the notes one by one, as far as they are whole. */
  static CoreNotes of(byte[] notes) {
    MemorySegment bytes = MemorySegment.ofArray(notes);
    CoreNotes found = new CoreNotes(0, 0, 0);
    for (long start = 0; start <= notes.length - HEADER; ) {
      long name = start + HEADER;
      long nameBytes = Integer.toUnsignedLong(bytes.get(U32, start));
      long contents = name + padded(nameBytes);
      long contentBytes = Integer.toUnsignedLong(bytes.get(U32, start + 4));
      if (contents > notes.length || contentBytes > notes.length - contents) {
        break;
      }
      int type = bytes.get(U32, start + 8);
      if (isName(bytes, name, nameBytes, VMCOREINFO)) {
        found = new CoreNotes((int) contents, (int) contentBytes, found.processors);
      } else if (type == PRSTATUS && isName(bytes, name, nameBytes, CORE)) {
        found = new CoreNotes(found.textOffset, found.textBytes, found.processors + 1);
      }
      start = contents + padded(contentBytes);
    }
    return found;
  }

  private static boolean isName(MemorySegment bytes, long at, long length, byte[] name) {
    return length >= name.length
        && length <= name.length + 1
        && bytes.asSlice(at, name.length).mismatch(MemorySegment.ofArray(name)) < 0;
  }

  private static long padded(long length) {
    return (length + 3) & -4L;
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
