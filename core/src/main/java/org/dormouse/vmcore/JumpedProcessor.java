package org.dormouse.vmcore;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.Optional;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/**
 * The registers of the processor that jumped, as far as {@code relocate_kernel} keeps them: it
 * pushes what a called function must not change and writes where the stack is, with the control
 * registers, into the control page ({@code arch/x86/kernel/relocate_kernel_64.S}). The other
 * processors are offline by then, and have no registers.
 *
 * @param flags {@code RFLAGS}
 * @param r15 as the kernel left it
 * @param r14 likewise
 * @param r13 likewise
 * @param r12 likewise
 * @param rbp likewise
 * @param rbx likewise
 * @param rip where the kernel goes on: behind the call in {@code machine_kexec}
 * @param rsp its stack there
 */
public record JumpedProcessor(
    long flags, long r15, long r14, long r13, long r12, long rbp, long rbx, long rip, long rsp) {
  /** What a search came to. */
  public sealed interface Search {
    /** The registers. */
    record Found(JumpedProcessor registers) implements Search {}

    /**
     * None that can be believed, or more than one.
     *
     * @param reason for people
     */
    record NotFound(String reason) implements Search {}
  }

  /** Flags, six registers, and the return address. */
  private static final int PUSHED = 8;

  // arch/x86/include/uapi/asm/processor-flags.h: PE and PG, PAE; the flag that is always set.
  private static final long CR0_NEEDED = 1 | 1L << 31;
  private static final long CR4_NEEDED = 1 << 5;
  private static final long FLAGS_FIXED = 1 << 1;

  /** {@code ID} is the highest flag, bit 21. */
  private static final long FLAGS_LIMIT = 1L << 22;

  /** {@code FRED} is the highest bit, 32. */
  private static final long CR4_RESERVED = -1L << 33;

  private static final long UPPER_HALF = 0xffff_ffffL << 32;

  /** {@code CR3_ADDR_MASK} at its widest: the page of the top table, above the PCID. */
  private static final long ADDRESS = 0x000f_ffff_ffff_f000L;

  /** Where the kernel's half of all addresses begins, with 5 levels of page tables. */
  private static final long KERNEL_HALF = 0xff00_0000_0000_0000L;

  /** {@code KEXEC_CONTROL_PAGE_SIZE} is two pages, and the code lies in one of them. */
  private static final long CONTROL_PAGES_BESIDE = 1;

  /**
   * Looks for them in the pages around the jump back entry: the stack's address with {@code CR0},
   * {@code CR3} and {@code CR4} behind it, in this order in all versions, wherever that is. They
   * are believed if the stack can be read, holds what was pushed, and a return address into the
   * kernel's image; and if there are no others.
   *
   * @param memory of the original kernel, by its own addresses
   * @param ram all its RAM
   * @param info its VMCOREINFO
   * @param jumpBackEntry physical address
   */
  public static Search find(
      OriginalMemory memory, Collection<PageRange> ram, VmcoreInfo info, long jumpBackEntry) {
    try {
      AddressTranslation tables = AddressTranslation.of(memory, info);
      return new Look(memory, RamRanges.of(ram), tables, text(tables, info)).around(jumpBackEntry);
    } catch (IOException e) {
      return new Search.NotFound(e.getMessage());
    }
  }

  /** The addresses of the kernel's image: from {@code _stext} on, as long as it is. */
  private static PageRange text(AddressTranslation tables, VmcoreInfo info) throws IOException {
    long start = Pages.pfn(info.symbol("_stext"));
    return new PageRange(start, start + tables.kernelImage(info).count());
  }

  /** One search. */
  private record Look(
      OriginalMemory memory, RamRanges ram, AddressTranslation tables, PageRange text) {
    Search around(long jumpBackEntry) {
      Optional<JumpedProcessor> found = Optional.empty();
      long entry = Pages.pfn(jumpBackEntry);
      long[] words = new long[Pages.SIZE / Long.BYTES];
      for (long page = entry - CONTROL_PAGES_BESIDE; page <= entry + CONTROL_PAGES_BESIDE; page++) {
        if (!read(page, words)) {
          continue;
        }
        for (int i = 0; i + 3 < words.length; i++) {
          Optional<JumpedProcessor> here = at(words, i);
          if (here.isPresent() && found.isPresent() && !here.equals(found)) {
            return new Search.NotFound("two sets of registers, of which one must be wrong");
          }
          found = here.isPresent() ? here : found;
        }
      }
      if (found.isPresent()) {
        return new Search.Found(found.get());
      }
      return new Search.NotFound(
          String.format(
              "no registers that make sense near the jump back entry 0x%x", jumpBackEntry));
    }

    private boolean read(long page, long[] words) {
      if (!ram.contains(page)) {
        return false;
      }
      try {
        memory.copyPage(page, MemorySegment.ofArray(words));
        return true;
      } catch (IOException e) {
        // It was left out of a dump, perhaps.
        return false;
      }
    }

    private Optional<JumpedProcessor> at(long[] words, int index) {
      long stack = words[index];
      long cr0 = words[index + 1];
      long cr3 = words[index + 2];
      long cr4 = words[index + 3];
      if (Long.compareUnsigned(stack, KERNEL_HALF) < 0
          || stack % Long.BYTES != 0
          || (cr0 & (UPPER_HALF | CR0_NEEDED)) != CR0_NEEDED
          || (cr3 & ~(ADDRESS | Pages.SIZE - 1)) != 0
          || !ram.contains(Pages.pfn(cr3 & ADDRESS))
          || (cr4 & (CR4_RESERVED | CR4_NEEDED)) != CR4_NEEDED) {
        return Optional.empty();
      }
      try {
        long[] pushed = new long[PUSHED];
        tables.read(stack, MemorySegment.ofArray(pushed));
        return of(pushed, stack + PUSHED * Long.BYTES);
      } catch (IOException e) {
        return Optional.empty();
      }
    }

    private Optional<JumpedProcessor> of(long[] pushed, long stack) {
      long flags = pushed[0];
      long rip = pushed[PUSHED - 1];
      if ((flags & FLAGS_FIXED) == 0
          || Long.compareUnsigned(flags, FLAGS_LIMIT) >= 0
          || !isText(rip)) {
        return Optional.empty();
      }
      return Optional.of(
          new JumpedProcessor(
              flags, pushed[1], pushed[2], pushed[3], pushed[4], pushed[5], pushed[6], rip, stack));
    }

    private boolean isText(long address) {
      return text.contains(Pages.pfn(address));
    }
  }
}
