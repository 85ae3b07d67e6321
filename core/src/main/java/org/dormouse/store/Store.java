package org.dormouse.store;

import java.lang.foreign.MemorySegment;
import org.dormouse.text.ReportException;

/**
 * A row of bytes of fixed size that an image can be kept in.
 *
 * <p>It writes 512 bytes, at a multiple of 512, whole or not at all; more may be torn by a loss of
 * power, and what was not flushed may be there or not, in any order.
 *
 * <p>Every offset, every length and the address of every buffer is a multiple of {@link
 * #ALIGNMENT}, and buffers are native memory: stores are read and written past the page cache.
 * Transfers are whole. Safe for use by several threads until closed.
 */
public interface Store extends AutoCloseable {
  /**
   * What offsets, lengths and buffer addresses are multiples of, in bytes: the largest logical
   * sector in use, and the size of a page.
   */
  int ALIGNMENT = 4096;

  /** The name that the user gave, by which the store can be found again. */
  String name();

  /** The size in bytes. */
  long size();

  /**
   * Fills {@code target} from the bytes that start at {@code offset}.
   *
   * @throws ReportException if the store fails, or ends before {@code target} is full
   */
  void read(long offset, MemorySegment target) throws ReportException;

  /**
   * Writes all of {@code source} at {@code offset}; it is durable only after {@link #flush}.
   *
   * @throws ReportException if the store fails, or ends before {@code source} does
   */
  void write(long offset, MemorySegment source) throws ReportException;

  /**
   * Makes all that was written durable: when this returns, it survives a loss of power.
   *
   * @throws ReportException if the store cannot promise that
   */
  void flush() throws ReportException;

  @Override
  void close() throws ReportException;
}
