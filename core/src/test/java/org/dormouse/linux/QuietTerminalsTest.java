package org.dormouse.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A person is asked on two terminals at once: pseudo-terminals of the kernel, pty(7). */
class QuietTerminalsTest {
  // include/uapi/asm-generic/ioctls.h
  private static final long TIOCGPTN = 0x80045430L;
  private static final long TIOCSPTLCK = 0x40045431L;
  private static final long TCGETS = 0x5401;
  private static final long O_RDWR = 2;
  private static final long O_NOCTTY = 0400;
  private static final long O_NONBLOCK = 04000;

  /** One end is a terminal, a person sits at the other. */
  private static final class Desk implements AutoCloseable {
    private final Arena arena = Arena.ofConfined();
    private final long descriptor;
    private final Path terminal;

    Desk() throws LinuxException {
      descriptor =
          Syscall.OPEN.call(
              "open", arena.allocateFrom("/dev/ptmx").address(), O_RDWR | O_NOCTTY | O_NONBLOCK);
      MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
      Syscall.IOCTL.call("unlock", descriptor, TIOCSPTLCK, number.address());
      Syscall.IOCTL.call("number", descriptor, TIOCGPTN, number.address());
      terminal = Path.of("/dev/pts/" + number.get(ValueLayout.JAVA_INT, 0));
    }

    void type(String keys) throws LinuxException {
      byte[] bytes = keys.getBytes(StandardCharsets.UTF_8);
      MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      assertThat(Syscall.WRITE.call("type", descriptor, memory.address(), bytes.length))
          .isEqualTo(bytes.length);
    }

    /** What the person sees. */
    String screen() throws LinuxException {
      MemorySegment memory = arena.allocate(4096);
      try {
        long read = Syscall.READ.call("look", descriptor, memory.address(), 4096);
        return text(memory, (int) read);
      } catch (LinuxException e) {
        assertThat(e.errno()).isEqualTo(Errno.EAGAIN);
        return "";
      }
    }

    /** The terminal's settings, as bytes. */
    byte[] settings() throws LinuxException {
      MemorySegment memory = arena.allocate(64, Long.BYTES);
      Syscall.IOCTL.call("settings", descriptor, TCGETS, memory.address());
      return memory.toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public void close() throws LinuxException {
      Syscall.CLOSE.call("close", descriptor);
      arena.close();
    }
  }

  @Test
  void aSingleKeyIsHeardAtOnceAndNotShown() throws Exception {
    try (Desk one = new Desk();
        Desk two = new Desk()) {
      byte[] before = two.settings();
      try (QuietTerminals quiet = QuietTerminals.keysOf(List.of(one.terminal, two.terminal))) {
        assertThat(quiet.awaitKey(Duration.ofMillis(10))).isEmpty();
        two.type("\033");
        assertThat(quiet.awaitKey(Duration.ofSeconds(10))).containsExactly(27);
        one.type("\003");
        assertThat(quiet.awaitKey(Duration.ofSeconds(10))).containsExactly(3);
        assertThat(one.screen() + two.screen()).isEmpty();
      }
      assertThat(two.settings()).isEqualTo(before);
    }
  }

  @Test
  void whoeverTypesFirstIsHeardAndNothingTypedIsShown() throws Exception {
    try (Desk one = new Desk();
        Desk two = new Desk();
        Arena arena = Arena.ofConfined()) {
      byte[] before = one.settings();
      MemorySegment line = arena.allocate(16);
      try (QuietTerminals quiet = QuietTerminals.of(List.of(one.terminal, two.terminal))) {
        quiet.print("passphrase: ");
        assertThat(one.screen()).isEqualTo("passphrase: ");
        assertThat(two.screen()).isEqualTo("passphrase: ");
        two.type("white rabbit\n");
        assertThat(text(line, quiet.readLine(line))).isEqualTo("white rabbit");
        one.type("\n");
        assertThat(quiet.readLine(line)).isZero();
        one.type("abc\u007f\u007fdef\n");
        assertThat(text(line, quiet.readLine(line))).isEqualTo("adef");
        assertThat(one.screen() + two.screen()).doesNotContainPattern("[a-z]");
        assertThat(one.settings()).isNotEqualTo(before);
      }
      assertThat(one.settings()).isEqualTo(before);
    }
  }

  @Test
  void whatDoesNotFitIsNoOtherTry() throws Exception {
    try (Desk desk = new Desk();
        Arena arena = Arena.ofConfined();
        QuietTerminals quiet = QuietTerminals.of(List.of(desk.terminal))) {
      MemorySegment line = arena.allocate(4);
      desk.type("abcdefghijk\n");
      desk.type("xy\n");
      assertThat(text(line, quiet.readLine(line))).isEqualTo("abcd");
      assertThat(text(line, quiet.readLine(line))).isEqualTo("xy");
    }
  }

  @Test
  void aTerminalThatIsNotThereIsLeftOut() throws Exception {
    try (Desk desk = new Desk();
        Arena arena = Arena.ofConfined();
        QuietTerminals quiet =
            QuietTerminals.of(List.of(Path.of("/dev/null"), Path.of("/dev/none"), desk.terminal))) {
      assertThat(quiet.isEmpty()).isFalse();
      desk.type("here\n");
      MemorySegment line = arena.allocate(16);
      assertThat(text(line, quiet.readLine(line))).isEqualTo("here");
    }
    try (QuietTerminals none = QuietTerminals.of(List.of(Path.of("/dev/null")))) {
      assertThat(none.isEmpty()).isTrue();
      try (Arena arena = Arena.ofConfined()) {
        assertThat(none.readLine(arena.allocate(1))).isEqualTo(-1);
      }
    }
  }

  private static String text(MemorySegment memory, int length) {
    return new String(
        memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }
}
