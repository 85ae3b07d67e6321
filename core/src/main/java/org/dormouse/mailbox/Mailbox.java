package org.dormouse.mailbox;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.dormouse.memory.Frames;
import org.dormouse.memory.Pages;
import org.dormouse.text.KeyValues;

/**
 * The pages in which a request and its answer lie. Page 0 says what is where; the request and the
 * answer have the pages behind it.
 */
public final class Mailbox {
  /** How many pages a mailbox has. */
  public static final int PAGES = 64;

  /** Its size in bytes. */
  public static final long BYTES = (long) PAGES * Pages.SIZE;

  /** Names the shared memory segment: "DORM". */
  public static final int KEY = 0x444f524d;

  /** Where the status word is, in bytes from the mailbox's start: for who can only write a word. */
  public static final long STATUS_OFFSET = 24;

  /**
   * Where the list of the frames is that may take what a panicking kernel printed, in bytes from
   * the mailbox's start: those of the answer, {@link #LOG_PAGES} of them, a PFN of eight bytes
   * each.
   */
  public static final long LOG_FRAMES_OFFSET = 128 + 32 * (long) Long.BYTES;

  /** How many pages such a log has. */
  public static final int LOG_PAGES = 8;

  private static final long MAGIC = 0x32584f424d524f44L; // "DORMBOX2"
  private static final int REQUEST_PAGE = 1;
  private static final int KEY_PAGE = 31;
  private static final int ANSWER_PAGE = 32;

  // Where the fields of page 0 are: docs/jump-protocol.md
  private static final long AT_MAGIC = 0;
  private static final long AT_SEQUENCE = 8;
  private static final long AT_ANSWERED = 16;
  private static final long AT_STATUS = STATUS_OFFSET;
  private static final long AT_EXIT_CODE = 32;
  private static final long AT_REQUEST_BYTES = 40;
  private static final long AT_REQUEST_CHECK = 48;
  private static final long AT_ANSWER_BYTES = 56;
  private static final long AT_ANSWER_CHECK = 64;
  private static final long AT_FRAMES = 128;

  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MailboxPages pages;
  private final PagedText request;
  private final PagedText answer;

  private Mailbox(MailboxPages pages) {
    this.pages = pages;
    request = new PagedText(pages, REQUEST_PAGE, KEY_PAGE);
    answer = new PagedText(pages, ANSWER_PAGE, PAGES);
  }

  /**
   * The original kernel's own, in its memory.
   *
   * @param memory {@link #BYTES}, page aligned
   */
  public static Mailbox in(MemorySegment memory) {
    return new Mailbox(MailboxPages.of(memory));
  }

  /**
   * The one of another kernel.
   *
   * @param address the physical address of its first page
   * @throws IOException if there is none
   */
  public static Mailbox at(long address, Frames frames) throws IOException {
    long first = Pages.pfn(address);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment head = arena.allocate(Pages.SIZE, Pages.SIZE);
      MailboxPages.of(frames, page -> first).read(0, head);
      if (head.get(WORD, AT_MAGIC) != MAGIC) {
        throw new IOException(String.format("there is no mailbox at 0x%x", address));
      }
      long[] pfns = new long[PAGES];
      for (int page = 0; page < PAGES; page++) {
        pfns[page] = head.get(WORD, AT_FRAMES + (long) page * Long.BYTES);
      }
      pfns[0] = first;
      return new Mailbox(MailboxPages.of(frames, page -> pfns[(int) page]));
    }
  }

  /**
   * Puts a request in; what was answered before is gone.
   *
   * @param frames the page frame of each of the mailbox's pages
   * @throws IllegalArgumentException if the request is too long
   */
  public void put(MailboxRequest next, long[] frames) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      byte[] text = next.lines().toString().getBytes(StandardCharsets.UTF_8);
      request.put(text, arena);
      // What an earlier saver left there is not the log of the next one.
      pages.write(ANSWER_PAGE, arena.allocate(Pages.SIZE, Pages.SIZE));
      MemorySegment head = arena.allocate(Pages.SIZE, Pages.SIZE);
      head.set(WORD, AT_MAGIC, MAGIC);
      head.set(WORD, AT_SEQUENCE, next.sequence());
      head.set(WORD, AT_REQUEST_BYTES, text.length);
      head.set(WORD, AT_REQUEST_CHECK, PagedText.check(text));
      for (int page = 0; page < PAGES; page++) {
        head.set(WORD, AT_FRAMES + (long) page * Long.BYTES, frames[page]);
      }
      pages.write(0, head);
    }
  }

  /**
   * Puts the key of a sealed image in, before the request: it has a page of its own, which nobody
   * else reads.
   */
  public void putKey(MemorySegment key) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(Pages.SIZE, Pages.SIZE);
      page.copyFrom(key);
      pages.write(KEY_PAGE, page);
      page.fill((byte) 0);
    }
  }

  /**
   * Takes the key of a sealed image out: it is in the mailbox no more, and so in no image.
   *
   * @param key is filled, with zeros if there is none
   */
  public void takeKey(MemorySegment key) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(Pages.SIZE, Pages.SIZE);
      pages.read(KEY_PAGE, page);
      key.copyFrom(page.asSlice(0, key.byteSize()));
      page.fill((byte) 0);
      pages.write(KEY_PAGE, page);
    }
  }

  /** Sees to it that no key lies there. */
  public void wipeKey() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      pages.write(KEY_PAGE, arena.allocate(Pages.SIZE, Pages.SIZE));
    }
  }

  /**
   * The request that lies there.
   *
   * @return empty if there never was one
   * @throws IOException if it cannot be read, or is damaged
   */
  public Optional<MailboxRequest> request() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment head = head(arena);
      if (head.get(WORD, AT_MAGIC) != MAGIC) {
        return Optional.empty();
      }
      KeyValues lines =
          request.get(head.get(WORD, AT_REQUEST_BYTES), head.get(WORD, AT_REQUEST_CHECK), arena);
      return Optional.of(new MailboxRequest(head.get(WORD, AT_SEQUENCE), lines));
    }
  }

  /** Puts an answer in. An answer that is too long is cut at its end. */
  public void answer(MailboxAnswer given) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      byte[] text = given.lines().toString().getBytes(StandardCharsets.UTF_8);
      byte[] kept = text.length <= answer.most() ? text : Arrays.copyOf(text, answer.most());
      answer.put(kept, arena);
      MemorySegment head = head(arena);
      head.set(WORD, AT_ANSWERED, given.sequence());
      head.set(WORD, AT_STATUS, given.status().code());
      head.set(WORD, AT_EXIT_CODE, given.exitCode());
      head.set(WORD, AT_ANSWER_BYTES, kept.length);
      head.set(WORD, AT_ANSWER_CHECK, PagedText.check(kept));
      pages.write(0, head);
    }
  }

  /**
   * What was answered since the request was put in. Where only a status word was written, there are
   * no lines and the sequence is 0.
   *
   * @throws IOException if it cannot be read, or is damaged
   */
  public MailboxAnswer answer() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment head = head(arena);
      KeyValues lines =
          answer.get(head.get(WORD, AT_ANSWER_BYTES), head.get(WORD, AT_ANSWER_CHECK), arena);
      return new MailboxAnswer(
          head.get(WORD, AT_ANSWERED),
          MailboxStatus.of(head.get(WORD, AT_STATUS)),
          head.get(WORD, AT_EXIT_CODE),
          lines);
    }
  }

  /**
   * The pages in which a stub has left what a panicking kernel printed; of no meaning if it has
   * not.
   *
   * @param arena owns the copy
   */
  public MemorySegment log(Arena arena) throws IOException {
    MemorySegment log = arena.allocate((long) LOG_PAGES * Pages.SIZE, Pages.SIZE);
    for (int page = 0; page < LOG_PAGES; page++) {
      pages.read(ANSWER_PAGE + page, log.asSlice(Pages.address(page), Pages.SIZE));
    }
    return log;
  }

  private MemorySegment head(Arena arena) throws IOException {
    MemorySegment head = arena.allocate(Pages.SIZE, Pages.SIZE);
    pages.read(0, head);
    return head;
  }
}
