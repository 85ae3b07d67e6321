package org.dormouse.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * A hardware watchdog that runs: if nobody has called {@link #pet} for a while it restarts the
 * machine, or raises an NMI where it is made so. {@code Documentation/watchdog/watchdog-api.rst}.
 */
public final class WatchdogTimer implements AutoCloseable {
  // include/uapi/asm-generic/fcntl.h
  private static final long O_WRONLY = 1;
  private static final long O_CLOEXEC = 02000000;
  // include/uapi/linux/watchdog.h: _IOWR('W', 6, int)
  private static final long WDIOC_SETTIMEOUT = 0xc0045706L;

  /** Written last, it says that whoever closes the device means it. */
  private static final byte MAGIC_CLOSE = 'V';

  private static final byte PET = 0;

  private final long descriptor;

  private WatchdogTimer(long descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Starts the watchdog that its driver calls so. Whoever stops it may be another kernel.
   *
   * @param seconds how long it waits, as far as it can
   * @return empty if it is not there, is in use or cannot be stopped again
   */
  public static Optional<WatchdogTimer> start(String identity, int seconds) throws IOException {
    Optional<Watchdog> found =
        Watchdog.all().stream()
            .filter(each -> each.canGuard() && each.identity().equals(identity))
            .findFirst();
    if (found.isEmpty()) {
      return Optional.empty();
    }
    WatchdogTimer timer = open(found.get());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment wanted = arena.allocateFrom(ValueLayout.JAVA_INT, seconds);
      Syscall.IOCTL.call("time limit", timer.descriptor, WDIOC_SETTIMEOUT, wanted.address());
      return Optional.of(timer);
    } catch (LinuxException e) {
      timer.close();
      throw e;
    }
  }

  /**
   * Stops a watchdog that another kernel has left running: this one believes that it does not run,
   * so it is started first.
   */
  public static void stop(Watchdog watchdog) throws LinuxException {
    open(watchdog).close();
  }

  private static WatchdogTimer open(Watchdog watchdog) throws LinuxException {
    String device = "/dev/" + watchdog.name();
    try (Arena arena = Arena.ofConfined()) {
      return new WatchdogTimer(
          Syscall.OPEN.call(
              "open " + device, arena.allocateFrom(device).address(), O_WRONLY | O_CLOEXEC));
    }
  }

  /** Begins its time anew. */
  public void pet() throws LinuxException {
    write(PET);
  }

  private void write(byte what) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_BYTE, what);
      Syscall.WRITE.call("write to the watchdog", descriptor, one.address(), 1);
    }
  }

  /** Stops it. */
  @Override
  public void close() throws LinuxException {
    write(MAGIC_CLOSE);
    Syscall.CLOSE.call("close the watchdog", descriptor);
  }
}
