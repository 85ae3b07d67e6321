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
   * Starts the first watchdog that can be stopped again and that runs beside the kernel, not in it.
   *
   * @param seconds how long it waits, as far as it can
   * @return empty if there is none, or it is in use
   */
  public static Optional<WatchdogTimer> start(int seconds) throws IOException {
    for (Watchdog watchdog : Watchdog.all()) {
      if (watchdog.canGuard()) {
        try {
          return Optional.of(open("/dev/" + watchdog.name(), seconds));
        } catch (LinuxException e) {
          // It is somebody else's, or its hardware does not answer: there may be another.
        }
      }
    }
    return Optional.empty();
  }

  private static WatchdogTimer open(String device, int seconds) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      long descriptor =
          Syscall.OPEN.call(
              "open " + device, arena.allocateFrom(device).address(), O_WRONLY | O_CLOEXEC);
      WatchdogTimer timer = new WatchdogTimer(descriptor);
      try {
        MemorySegment wanted = arena.allocateFrom(ValueLayout.JAVA_INT, seconds);
        Syscall.IOCTL.call("time limit", descriptor, WDIOC_SETTIMEOUT, wanted.address());
      } catch (LinuxException e) {
        timer.close();
        throw e;
      }
      return timer;
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
