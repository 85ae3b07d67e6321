package org.dormouse.store;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.dormouse.memory.Frames;
import org.dormouse.memory.Pages;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/**
 * A store in memory that lies in pieces: pages as they were to be had, numbered in the order in
 * which the store uses them. What is written is there for as long as the memory is.
 */
public final class PagesStore implements Store {
  /** The memory. Safe for concurrent use. */
  public interface Source {
    /** How many pages there are. */
    long pages();

    /**
     * Makes pages reachable, as many as lie together from page number {@code first} on.
     *
     * @param first below {@link #pages}
     * @param most how many are wanted, 1 or more
     * @param use what is done with them
     * @return at least one page and at most so many
     * @throws IOException if they cannot be reached, or must not be used so
     */
    Frames.Lease lease(long first, long most, Use use) throws IOException;
  }

  /** What is done with pages. */
  public enum Use {
    READ,
    WRITE
  }

  private final String name;
  private final Source source;

  /**
   * A store in this memory, which is not closed with it.
   *
   * @param name for people
   */
  public PagesStore(String name, Source source) {
    this.name = name;
    this.source = source;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return Pages.address(source.pages());
  }

  @Override
  public void read(long offset, MemorySegment target) throws ReportException {
    transfer(offset, target, Use.READ);
  }

  @Override
  public void write(long offset, MemorySegment bytes) throws ReportException {
    transfer(offset, bytes, Use.WRITE);
  }

  private void transfer(long offset, MemorySegment bytes, Use use) throws ReportException {
    if (((offset | bytes.byteSize()) & (ALIGNMENT - 1)) != 0
        || offset + bytes.byteSize() > size()) {
      throw new IllegalArgumentException(
          String.format("%d bytes at %d of a store of %d", bytes.byteSize(), offset, size()));
    }
    for (long done = 0; done < bytes.byteSize(); ) {
      long most = Pages.pfn(bytes.byteSize() - done);
      try (Frames.Lease lease = source.lease(Pages.pfn(offset + done), most, use)) {
        long count = lease.memory().byteSize();
        switch (use) {
          case READ -> MemorySegment.copy(lease.memory(), 0, bytes, done, count);
          case WRITE -> MemorySegment.copy(bytes, done, lease.memory(), 0, count);
        }
        done += count;
      } catch (IOException e) {
        throw new ReportException(
            new Report(
                "cannot "
                    + (use == Use.READ ? "read" : "write")
                    + " "
                    + name
                    + ": "
                    + e.getMessage(),
                "It may hold a part of what was written.",
                "Try again, or name a device."),
            e);
      }
    }
  }

  @Override
  public void flush() {
    // Memory is as durable as it gets.
  }

  @Override
  public void close() {
    // The memory belongs to somebody else.
  }
}
