package org.dormouse.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.function.Supplier;

/**
 * The system calls that Dormouse makes, and the one handle that makes them.
 *
 * <p>Numbers are from {@code arch/x86/entry/syscalls/syscall_64.tbl}.
 */
enum Syscall {
  READ(0),
  WRITE(1),
  OPEN(2),
  CLOSE(3),
  POLL(7),
  LSEEK(8),
  MMAP(9),
  MPROTECT(10),
  MUNMAP(11),
  IOCTL(16),
  PREAD64(17),
  PWRITE64(18),
  MADVISE(28),
  SHMGET(29),
  SHMAT(30),
  SHMCTL(31),
  SHMDT(67),
  FSYNC(74),
  FDATASYNC(75),
  FTRUNCATE(77),
  SYSLOG(103),
  MLOCK(149),
  SYNC(162),
  REBOOT(169),
  GETTID(186),
  SCHED_SETAFFINITY(203),
  KEXEC_LOAD(246),
  FALLOCATE(285),
  GETRANDOM(318);

  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO_VALUE =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle SYSCALL = link();

  private final int number;

  Syscall(int number) {
    this.number = number;
  }

  /** Calls and returns what the kernel returned. Arguments that are not given are 0. */
  long call(String describedAs, long... arguments) throws LinuxException {
    return call(() -> describedAs, arguments);
  }

  /** The same; {@code describedAs} is only asked if the call fails. */
  long call(Supplier<String> describedAs, long... arguments) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long result =
          (long)
              SYSCALL.invokeExact(
                  state,
                  (long) number,
                  argument(arguments, 0),
                  argument(arguments, 1),
                  argument(arguments, 2),
                  argument(arguments, 3),
                  argument(arguments, 4),
                  argument(arguments, 5));
      if (result == -1) {
        throw new LinuxException(describedAs.get(), (int) ERRNO_VALUE.get(state, 0L));
      }
      return result;
    } catch (LinuxException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("cannot call " + this, e);
    }
  }

  private static long argument(long[] arguments, int index) {
    return index < arguments.length ? arguments[index] : 0;
  }

  private static MethodHandle link() {
    return function(Linker.nativeLinker().defaultLookup().findOrThrow("syscall"));
  }

  /**
   * A handle of the one shape that is linked, for other code: seven numbers in, which it may leave
   * alone, and one out.
   */
  static MethodHandle function(MemorySegment code) {
    ValueLayout.OfLong word = ValueLayout.JAVA_LONG;
    return Linker.nativeLinker()
        .downcallHandle(
            code, FunctionDescriptor.of(word, word, word, word, word, word, word, word), ERRNO);
  }

  /** What such a handle takes first. */
  static MemorySegment state(Arena arena) {
    return arena.allocate(STATE);
  }
}
