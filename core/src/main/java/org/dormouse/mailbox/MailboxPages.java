package org.dormouse.mailbox;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.function.LongUnaryOperator;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;

/** How the pages of a mailbox are reached. */
public interface MailboxPages {
  /**
   * Copies a page of the mailbox.
   *
   * @param page its number, from 0
   * @param into {@link Pages#SIZE} bytes
   * @throws IOException if it cannot be reached
   */
  void read(int page, MemorySegment into) throws IOException;

  /**
   * Replaces a page of the mailbox.
   *
   * @param page its number, from 0
   * @param from {@link Pages#SIZE} bytes
   * @throws IOException if it cannot be reached
   */
  void write(int page, MemorySegment from) throws IOException;

  /** Those of the kernel that owns them: one piece of memory. */
  static MailboxPages of(MemorySegment memory) {
    return new MailboxPages() {
      @Override
      public void read(int page, MemorySegment into) {
        into.copyFrom(slice(page));
      }

      @Override
      public void write(int page, MemorySegment from) {
        slice(page).copyFrom(from);
      }

      private MemorySegment slice(int page) {
        return memory.asSlice(Pages.address(page), Pages.SIZE);
      }
    };
  }

  /**
   * Those of another kernel.
   *
   * @param pfn the page frame of each page, by number
   */
  static MailboxPages of(Frames frames, LongUnaryOperator pfn) {
    return new MailboxPages() {
      @Override
      public void read(int page, MemorySegment into) throws IOException {
        try (Frames.Lease lease = frames.lease(frame(page))) {
          into.copyFrom(lease.memory());
        }
      }

      @Override
      public void write(int page, MemorySegment from) throws IOException {
        try (Frames.Lease lease = frames.lease(frame(page))) {
          lease.memory().copyFrom(from);
        }
      }

      private PageRange frame(int page) {
        long frame = pfn.applyAsLong(page);
        return new PageRange(frame, frame + 1);
      }
    };
  }
}
