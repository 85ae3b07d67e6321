package org.dormouse.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Terminals on which a person is asked for a secret, or for a single key: what is typed is not
 * shown. With the echo off and lines read whole, the kernel wipes its own buffers of what it has
 * handed on ({@code zero_buffer()} in {@code drivers/tty/n_tty.c}).
 */
public final class QuietTerminals implements AutoCloseable {
  // include/uapi/asm-generic/fcntl.h
  private static final long O_RDWR = 2;
  private static final long O_NOCTTY = 0400;
  private static final long O_NONBLOCK = 04000;
  private static final long O_CLOEXEC = 02000000;
  // include/uapi/asm-generic/ioctls.h
  private static final long TCGETS = 0x5401;
  private static final long TCSETS = 0x5402;
  private static final long TCFLSH = 0x540b;
  private static final long INPUT = 0;
  // struct termios of include/uapi/asm-generic/termbits.h: four words of flags, the fourth the
  // local ones
  private static final long TERMIOS_BYTES = 64;
  private static final long LOCAL_FLAGS = 12;
  private static final int ISIG = 1;
  private static final int ICANON = 2;
  private static final int ECHO = 010;
  private static final int ECHONL = 0100;
  // include/uapi/asm-generic/poll.h; struct pollfd is descriptor, events, returned events
  private static final short POLLIN = 1;
  private static final long POLLFD_BYTES = 8;

  // Where the character is that ends the input, and what turns it off
  private static final long END_OF_INPUT = 21;
  private static final byte OFF = 0;

  // VTIME and VMIN among the control characters, which begin at 17
  private static final long PAUSE = 17 + 5;
  private static final long ENOUGH = 17 + 6;

  private static final long STANDARD_INPUT = 0;

  /** Of poll(2). */
  private static final long FOR_EVER = -1;

  /** The longest line that a terminal hands on at once: N_TTY_BUF_SIZE of drivers/tty/n_tty.c. */
  private static final long MOST_TYPED = 4096;

  /** How what is typed is handed on. */
  private enum Typing {
    LINES,
    /** Each key at once. */
    KEYS
  }

  /** One of them, as it was before. */
  private record Terminal(long descriptor, MemorySegment settings) {}

  private final Arena arena = Arena.ofShared();
  private final List<Terminal> terminals = new ArrayList<>();
  private final List<Terminal> alive = new ArrayList<>();

  private final Typing typing;

  private QuietTerminals(Typing typing) {
    this.typing = typing;
  }

  /**
   * All consoles of the kernel on which something can be typed, in lines.
   *
   * @throws IOException if they cannot be listed
   */
  public static QuietTerminals consoles() throws IOException {
    return of(listed());
  }

  /**
   * All consoles of the kernel on which something can be typed, which is handed on key by key.
   *
   * @throws IOException if they cannot be listed
   */
  public static QuietTerminals consoleKeys() throws IOException {
    return keysOf(listed());
  }

  private static List<Path> listed() throws IOException {
    return Files.readAllLines(Path.of("/proc/consoles")).stream()
        .map(console -> Path.of("/dev", console.split(" ", 2)[0]))
        .toList();
  }

  /** Those of {@code devices} on which something can be typed. */
  static QuietTerminals of(List<Path> devices) {
    return of(devices, Typing.LINES);
  }

  /** Likewise, key by key. */
  static QuietTerminals keysOf(List<Path> devices) {
    return of(devices, Typing.KEYS);
  }

  private static QuietTerminals of(List<Path> devices, Typing typing) {
    QuietTerminals all = new QuietTerminals(typing);
    devices.forEach(all::add);
    all.alive.addAll(all.terminals);
    return all;
  }

  /** The terminal of this process, if its standard input is one; else its standard input. */
  public static QuietTerminals own() {
    QuietTerminals one = new QuietTerminals(Typing.LINES);
    if (one.isTerminal(STANDARD_INPUT)) {
      one.add(Path.of("/dev/tty"));
    }
    if (one.terminals.isEmpty()) {
      one.terminals.add(new Terminal(STANDARD_INPUT, MemorySegment.NULL));
    }
    one.alive.addAll(one.terminals);
    return one;
  }

  /** Whether there is nowhere to ask. */
  public boolean isEmpty() {
    return terminals.isEmpty();
  }

  private boolean isTerminal(long descriptor) {
    try {
      MemorySegment settings = arena.allocate(TERMIOS_BYTES, Long.BYTES);
      Syscall.IOCTL.call("settings", descriptor, TCGETS, settings.address());
      return true;
    } catch (LinuxException e) {
      return false;
    }
  }

  private void add(Path device) {
    try {
      long descriptor =
          Syscall.OPEN.call(
              "open " + device,
              arena.allocateFrom(device.toString()).address(),
              O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
      if (isTerminal(descriptor)) {
        terminals.add(new Terminal(descriptor, silence(descriptor)));
      } else {
        Syscall.CLOSE.call("close " + device, descriptor);
      }
    } catch (LinuxException e) {
      // A console that only prints, or a driver without a device: nobody can type there.
    }
  }

  /** Turns the echo off; returns the settings as they were. */
  private MemorySegment silence(long descriptor) throws LinuxException {
    MemorySegment settings = arena.allocate(TERMIOS_BYTES, Long.BYTES);
    Syscall.IOCTL.call("settings of a terminal", descriptor, TCGETS, settings.address());
    MemorySegment quiet = arena.allocate(TERMIOS_BYTES, Long.BYTES).copyFrom(settings);
    int flags = settings.get(ValueLayout.JAVA_INT, LOCAL_FLAGS);
    int whole = typing == Typing.LINES ? flags | ICANON : flags & ~ICANON;
    quiet.set(ValueLayout.JAVA_INT, LOCAL_FLAGS, whole & ~(ISIG | ECHO | ECHONL));
    quiet.set(ValueLayout.JAVA_BYTE, END_OF_INPUT, OFF);
    if (typing == Typing.KEYS) {
      quiet.set(ValueLayout.JAVA_BYTE, PAUSE, OFF);
      quiet.set(ValueLayout.JAVA_BYTE, ENOUGH, (byte) 1);
    }
    Syscall.IOCTL.call("settings of a terminal", descriptor, TCSETS, quiet.address());
    Syscall.IOCTL.call("flush a terminal", descriptor, TCFLSH, INPUT);
    return settings;
  }

  /** Shows {@code text} on all of them. */
  public void print(String text) {
    try (Arena once = Arena.ofConfined()) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      MemorySegment memory = once.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      for (Terminal terminal : terminals) {
        long target = terminal.descriptor == STANDARD_INPUT ? 2 : terminal.descriptor;
        try {
          Syscall.WRITE.call("ask", target, memory.address(), memory.byteSize());
        } catch (LinuxException e) {
          // The others have it.
        }
      }
    }
  }

  /**
   * Waits until a line is typed on any of them.
   *
   * @param line is filled with it, without the end; what does not fit is dropped
   * @return how many bytes it has, or -1 if nothing more can be typed
   */
  public int readLine(MemorySegment line) throws LinuxException {
    try (Arena once = Arena.ofConfined()) {
      MemorySegment typed = once.allocate(MOST_TYPED);
      int length = 0;
      while (!alive.isEmpty()) {
        long descriptor = awaitInput();
        int read = read(descriptor, typed);
        if (read < 0) {
          // Nobody is there any more.
          alive.removeIf(terminal -> terminal.descriptor == descriptor);
          continue;
        }
        boolean ended = read > 0 && typed.get(ValueLayout.JAVA_BYTE, read - 1L) == '\n';
        long fits = Math.min(ended ? read - 1L : read, line.byteSize() - length);
        MemorySegment.copy(typed, 0, line, length, fits);
        length += (int) fits;
        typed.fill((byte) 0);
        if (ended) {
          return length;
        }
      }
      return -1;
    }
  }

  /**
   * Waits for a key on any of them.
   *
   * @param patience how long at most
   * @return what the keyboard sent for it, a byte or a sequence; empty if nothing was typed
   */
  public byte[] awaitKey(Duration patience) throws LinuxException {
    try (Arena once = Arena.ofConfined()) {
      OptionalLong descriptor = awaitInput(patience.toMillis());
      if (descriptor.isEmpty()) {
        return new byte[0];
      }
      MemorySegment typed = once.allocate(MOST_TYPED);
      int read = read(descriptor.getAsLong(), typed);
      if (read < 0) {
        alive.removeIf(terminal -> terminal.descriptor == descriptor.getAsLong());
      }
      return typed.asSlice(0, Math.max(0, read)).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /** The bytes that could be read; -1 at the end. One at a time, where there is no terminal. */
  private static int read(long descriptor, MemorySegment target) throws LinuxException {
    long most = descriptor == STANDARD_INPUT ? 1 : target.byteSize();
    try {
      long count = Syscall.READ.call("read what is typed", descriptor, target.address(), most);
      return count == 0 ? -1 : (int) count;
    } catch (LinuxException e) {
      if (e.errno() == Errno.EAGAIN) {
        return 0;
      }
      if (e.errno() == Errno.EIO) {
        // Nobody is at its other end any more.
        return -1;
      }
      throw e;
    }
  }

  private long awaitInput() throws LinuxException {
    return awaitInput(FOR_EVER).orElseThrow();
  }

  /** Which has something to read; empty if none has within {@code millis}. */
  private OptionalLong awaitInput(long millis) throws LinuxException {
    try (Arena once = Arena.ofConfined()) {
      MemorySegment polled = once.allocate(Math.max(1, POLLFD_BYTES * alive.size()), Long.BYTES);
      for (int i = 0; i < alive.size(); i++) {
        polled.set(ValueLayout.JAVA_INT, POLLFD_BYTES * i, (int) alive.get(i).descriptor);
        polled.set(ValueLayout.JAVA_SHORT, POLLFD_BYTES * i + 4, POLLIN);
      }
      do {
        Syscall.POLL.call("wait for an answer", polled.address(), alive.size(), millis);
        for (int i = 0; i < alive.size(); i++) {
          if (polled.get(ValueLayout.JAVA_SHORT, POLLFD_BYTES * i + 6) != 0) {
            return OptionalLong.of(alive.get(i).descriptor);
          }
        }
      } while (millis == FOR_EVER);
      return OptionalLong.empty();
    }
  }

  /** Sets them back to what they were. */
  @Override
  public void close() {
    for (Terminal terminal : terminals) {
      if (terminal.descriptor != STANDARD_INPUT) {
        try {
          Syscall.IOCTL.call("settings", terminal.descriptor, TCSETS, terminal.settings.address());
          Syscall.CLOSE.call("close a terminal", terminal.descriptor);
        } catch (LinuxException e) {
          // It is gone.
        }
      }
    }
    arena.close();
  }
}
