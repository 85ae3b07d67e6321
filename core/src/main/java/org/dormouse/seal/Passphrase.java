package org.dormouse.seal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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

  /** Adds a byte; what is too long is cut. */
  public void add(byte next) {
    if (length < MOST_BYTES) {
      memory.memory().set(ValueLayout.JAVA_BYTE, length++, next);
    }
  }

  /** Takes the last character away, which may have been several bytes of UTF-8. */
  public void removeLast() {
    while (length > 0) {
      length--;
      byte last = memory.memory().get(ValueLayout.JAVA_BYTE, length);
      memory.memory().set(ValueLayout.JAVA_BYTE, length, (byte) 0);
      if ((last & 0xc0) != 0x80) {
        return;
      }
    }
  }

  /** Takes all away. */
  public void clear() {
    memory.memory().fill((byte) 0);
    length = 0;
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
