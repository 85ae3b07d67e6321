package org.dormouse.lab.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * With a shell of the host in the place of a guest's: it echoes nothing, but ends commands alike.
 */
class ShellTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir private Path folder;
  private ServerSocketChannel port;
  private Process guestShell;
  private Shell shell;

  @BeforeEach
  void connect() throws IOException {
    port = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    Path socket = Files.createTempDirectory("shell").resolve("s");
    port.bind(UnixDomainSocketAddress.of(socket));
    guestShell = new ProcessBuilder("/bin/sh").redirectErrorStream(true).start();
    shell = newConnection();
  }

  private Shell newConnection() throws IOException {
    Path socket = ((UnixDomainSocketAddress) port.getLocalAddress()).getPath();
    SerialLog console = new SerialLog(folder.resolve("console"), System.nanoTime());
    Shell connected = Shell.connect(socket, folder.resolve("transcript"), console);
    SocketChannel guestEnd = port.accept();
    pump("keys", () -> Channels.newInputStream(guestEnd).transferTo(new Flushing(guestShell)));
    pump(
        "screen", () -> guestShell.getInputStream().transferTo(Channels.newOutputStream(guestEnd)));
    return connected;
  }

  private interface Copy {
    void run() throws IOException;
  }

  private static void pump(String name, Copy copy) {
    Thread.ofPlatform()
        .daemon()
        .name(name)
        .start(
            () -> {
              try {
                copy.run();
              } catch (IOException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private static final class Flushing extends ByteArrayOutputStream {
    private final Process process;

    Flushing(Process process) {
      this.process = process;
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
      try {
        process.getOutputStream().write(bytes, offset, length);
        process.getOutputStream().flush();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @AfterEach
  void end() throws IOException {
    shell.close();
    guestShell.destroyForcibly();
    port.close();
  }

  @Test
  void aCommandHasOutputAndStatus() throws Exception {
    assertThat(shell.run("echo one; echo two; (exit 3)", SOON))
        .isEqualTo(new CommandResult("echo one; echo two; (exit 3)", 3, "one\ntwo"));
  }

  @Test
  void whatACommandChangesStays() throws Exception {
    shell.check("x=5\ny=6", SOON);
    assertThat(shell.check("echo $x$y", SOON)).isEqualTo("56");
  }

  @Test
  void aCommandThatHasToSucceedSaysWhatItPrintedIfItDoesNot() {
    assertThatThrownBy(() -> shell.check("echo no such luck; false", SOON))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("status 1")
        .hasMessageContaining("no such luck");
  }

  @Test
  void aCommandThatTakesTooLongIsAnError() {
    assertThatThrownBy(() -> shell.run("sleep 5", Duration.ofMillis(100)))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("sleep 5");
  }

  @Test
  void aCommandCanBeGoneBackTo() throws Exception {
    RunningCommand running = shell.start("sleep 0.3; echo done");
    assertThat(shell.resultOf(running)).isEmpty();
    assertThat(shell.await(running, SOON).output()).isEqualTo("done");
    assertThat(shell.resultOf(running)).isPresent();
  }

  @Test
  void aLineTooLongForTheGuestsEditorIsRefused() {
    assertThatThrownBy(() -> shell.start("echo " + "x".repeat(1000)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
