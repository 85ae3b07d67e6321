package org.dormouse.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The processor's time stamp counter: the one clock that a jump into another kernel and back does
 * not touch. The kernel's own clocks stand still meanwhile, and are then set on by what the
 * real-time clock says, which is whole seconds.
 *
 * <p>There is no system call that reads it, so there are ten bytes of machine code.
 */
public final class TimeStampCounter implements AutoCloseable {
  /** {@code rdtsc; shl rdx, 32; or rax, rdx; ret} (Intel SDM volume 2). */
  private static final byte[] CODE = {
    0x0f, 0x31, 0x48, (byte) 0xc1, (byte) 0xe2, 0x20, 0x48, 0x09, (byte) 0xd0, (byte) 0xc3
  };

  // include/uapi/asm-generic/mman-common.h
  private static final long READ_AND_WRITE = 1 | 2;
  private static final long READ_AND_EXECUTE = 1 | 4;
  private static final long PRIVATE_AND_ANONYMOUS = 0x02 | 0x20;
  private static final long PAGE = 4096;

  private final long address;
  private final MethodHandle code;
  private final MemorySegment state;

  private TimeStampCounter(long address, Arena arena) {
    this.address = address;
    this.code = Syscall.function(MemorySegment.ofAddress(address));
    this.state = Syscall.state(arena);
  }

  /** Makes it readable; {@code arena} owns a few bytes. */
  public static TimeStampCounter open(Arena arena) throws LinuxException {
    long address =
        Syscall.MMAP.call("a page of code", 0, PAGE, READ_AND_WRITE, PRIVATE_AND_ANONYMOUS, -1, 0);
    MemorySegment.copy(
        CODE,
        0,
        MemorySegment.ofAddress(address).reinterpret(PAGE),
        ValueLayout.JAVA_BYTE,
        0,
        CODE.length);
    Syscall.MPROTECT.call("make code executable", address, PAGE, READ_AND_EXECUTE);
    return new TimeStampCounter(address, arena);
  }

  /** Ticks since it was set, mostly at power-on. */
  public long read() {
    try {
      return (long) code.invokeExact(state, 0L, 0L, 0L, 0L, 0L, 0L, 0L);
    } catch (Throwable e) {
      throw new IllegalStateException("cannot read the time stamp counter", e);
    }
  }

  @Override
  public void close() throws LinuxException {
    Syscall.MUNMAP.call("give a page of code back", address, PAGE);
  }
}
