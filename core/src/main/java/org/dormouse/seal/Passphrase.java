package org.dormouse.seal;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.LockedMemory;

/** What a person types: bytes as the keyboard sends them. Wiped when closed. */
public final class Passphrase implements AutoCloseable {
  /** The longest, in bytes. */
  public static final int MOST_BYTES = 512;

  private final LockedMemory memory;
  private int length;

  private Passphrase(LockedMemory memory) {
    this.memory = memory;
  }

  /** An empty one. */
  public static Passphrase empty() throws LinuxException {
    return new Passphrase(LockedMemory.of(MOST_BYTES));
  }

  /** Where lines come from. */
  public interface Source {
    /**
     * Fills {@code line} with the next one.
     *
     * @return how many bytes it has, or -1 if there is none
     */
    int readLine(MemorySegment line) throws IOException;
  }

  /**
   * Reads another one in place of this one.
   *
   * @return false if there is no other
   */
  public boolean read(Source source) throws IOException {
    memory.memory().fill((byte) 0);
    int read = source.readLine(memory.memory());
    length = Math.max(0, read);
    return read >= 0;
  }

  /** How many bytes it has. */
  public int length() {
    return length;
  }

  /** Whether both are the same. */
  public boolean is(Passphrase other) {
    return bytes().mismatch(other.bytes()) == -1;
  }

  MemorySegment bytes() {
    return memory.memory().asSlice(0, length);
  }

  @Override
  public void close() {
    memory.close();
  }
}
