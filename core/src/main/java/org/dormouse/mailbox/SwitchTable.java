package org.dormouse.mailbox;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.dormouse.memory.Frames;
import org.dormouse.memory.Pages;
import org.dormouse.text.KeyValues;

/**
 * The pages by which several kernels know of one another: in the original kernel's memory, seen by
 * all. Page 0 has the words that stubs read and write, the others the text. docs/kernels.md has
 * every byte.
 */
public final class SwitchTable {
  /** How many pages it has. */
  public static final int PAGES = 16;

  /** Its size in bytes. */
  public static final long BYTES = (long) PAGES * Pages.SIZE;

  /** Names the shared memory segment: "DORK". */
  public static final int KEY = 0x444f524b;

  /** Where a kernel that panics writes its number, in bytes from the table's start. */
  public static final long PANICKED_OFFSET = 32;

  /**
   * Where the list of the frames is that may take what a panicking kernel printed, in bytes from
   * the table's start: the last pages of the table, {@link #LOG_PAGES} of them, a PFN of eight
   * bytes each.
   */
  public static final long LOG_FRAMES_OFFSET = 128 + 8 * (long) Long.BYTES;

  /** How many pages such a log has. */
  public static final int LOG_PAGES = 8;

  private static final int LOG_PAGE = PAGES - LOG_PAGES;
  private static final long MAGIC = 0x314e52454b524f44L; // "DORKERN1"
  private static final int TEXT_PAGE = 1;

  // The first two of these: core/src/main/asm/dispatch.S
  private static final long AT_JUMP_BACK_ENTRY = 16;
  private static final long AT_DESTINATION = 24;
  private static final long AT_PANICKED = PANICKED_OFFSET;
  private static final long AT_MAGIC = 0;
  private static final long AT_TEXT_BYTES = 40;
  private static final long AT_TEXT_CHECK = 48;
  private static final long AT_FRAMES = 128;

  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MailboxPages pages;
  private final PagedText text;

  private SwitchTable(MailboxPages pages) {
    this.pages = pages;
    text = new PagedText(pages, TEXT_PAGE, LOG_PAGE);
  }

  /**
   * The original kernel's own, in its memory.
   *
   * @param memory {@link #BYTES}, page aligned
   */
  public static SwitchTable in(MemorySegment memory) {
    return new SwitchTable(MailboxPages.of(memory));
  }

  /**
   * The same, seen by another kernel.
   *
   * @param address the physical address of its first page
   * @throws IOException if there is none
   */
  public static SwitchTable at(long address, Frames frames) throws IOException {
    long first = Pages.pfn(address);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment head = arena.allocate(Pages.SIZE, Pages.SIZE);
      MailboxPages.of(frames, _ -> first).read(0, head);
      if (head.get(WORD, AT_MAGIC) != MAGIC) {
        throw new IOException(String.format("there is no switch table at 0x%x", address));
      }
      long[] pfns = new long[PAGES];
      for (int page = 0; page < PAGES; page++) {
        pfns[page] = head.get(WORD, AT_FRAMES + (long) page * Long.BYTES);
      }
      pfns[0] = first;
      return new SwitchTable(MailboxPages.of(frames, page -> pfns[(int) page]));
    }
  }

  /**
   * Begins anew; what was there is gone.
   *
   * @param frames the page frame of each of the pages
   */
  public void format(long[] frames) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment head = arena.allocate(Pages.SIZE, Pages.SIZE);
      head.set(WORD, AT_MAGIC, MAGIC);
      for (int page = 0; page < PAGES; page++) {
        head.set(WORD, AT_FRAMES + (long) page * Long.BYTES, frames[page]);
      }
      pages.write(0, head);
    }
  }

  /**
   * Replaces the text.
   *
   * @throws IllegalArgumentException if it is too long
   */
  public void put(KeyValues lines) throws IOException {
    byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment head = head(arena);
      text.put(bytes, arena);
      head.set(WORD, AT_TEXT_BYTES, bytes.length);
      head.set(WORD, AT_TEXT_CHECK, PagedText.check(bytes));
      pages.write(0, head);
    }
  }

  /**
   * The text.
   *
   * @return empty if there never was one
   * @throws IOException if it cannot be read, or is damaged
   */
  public Optional<KeyValues> lines() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment head = head(arena);
      if (head.get(WORD, AT_MAGIC) != MAGIC || head.get(WORD, AT_TEXT_BYTES) == 0) {
        return Optional.empty();
      }
      return Optional.of(
          text.get(head.get(WORD, AT_TEXT_BYTES), head.get(WORD, AT_TEXT_CHECK), arena));
    }
  }

  /** Where the original kernel goes on; 0 if it has not jumped yet. */
  public long jumpBackEntry() throws IOException {
    return word(AT_JUMP_BACK_ENTRY);
  }

  /** Says where the original kernel's next jump leads to. */
  public void setDestination(long address) throws IOException {
    set(AT_DESTINATION, address);
  }

  /** The number of the kernel that has panicked; 0 if none has. */
  public long panicked() throws IOException {
    return word(AT_PANICKED);
  }

  /** None has panicked, from now on, and there is no log. */
  public void clearPanicked() throws IOException {
    set(AT_PANICKED, 0);
    try (Arena arena = Arena.ofConfined()) {
      pages.write(LOG_PAGE, arena.allocate(Pages.SIZE, Pages.SIZE));
    }
  }

  /** What a kernel printed that has panicked, as its ramoops driver keeps it; zeros if nothing. */
  public MemorySegment log(Arena arena) throws IOException {
    MemorySegment log = arena.allocate((long) LOG_PAGES * Pages.SIZE, Pages.SIZE);
    for (int page = 0; page < LOG_PAGES; page++) {
      pages.read(LOG_PAGE + page, log.asSlice(Pages.address(page), Pages.SIZE));
    }
    return log;
  }

  private long word(long offset) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return head(arena).get(WORD, offset);
    }
  }

  private void set(long offset, long value) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment head = head(arena);
      head.set(WORD, offset, value);
      pages.write(0, head);
    }
  }

  private MemorySegment head(Arena arena) throws IOException {
    MemorySegment head = arena.allocate(Pages.SIZE, Pages.SIZE);
    pages.read(0, head);
    return head;
  }
}
