package org.dormouse.saver;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.QuietTerminals;
import org.dormouse.protocol.Journal;
import org.dormouse.text.ProgressBar;

/**
 * Shows on every console how far the saver has come, and hears the keys that call it off. It goes
 * on without consoles.
 */
final class SaverScreen implements AutoCloseable {
  /** How long the rest of a key's sequence may take behind its Escape. */
  private static final Duration REST = Duration.ofMillis(50);

  private static final Duration REDRAW = Duration.ofMillis(500);

  /** How long the work may have to wait for this at its end. */
  private static final Duration GLANCE = Duration.ofMillis(30);

  /** A screen still shows what another kernel has left there. ECMA-48, ED. */
  private static final String CLEAR_BELOW = "\033[J";

  private static final byte CONTROL_C = 3;
  private static final byte ESCAPE = 27;

  /**
   * What is shown.
   *
   * @param what the work, for people
   * @param total how many bytes there are to do
   * @param done how many are done
   */
  record Work(String what, long total, LongSupplier done) {}

  private final Work work;
  private final Optional<Runnable> callOff;
  private final Optional<QuietTerminals> consoles;
  private final long start = System.nanoTime();
  private final Thread thread;

  private SaverScreen(Work work, Optional<Runnable> callOff, Optional<QuietTerminals> consoles) {
    this.work = work;
    this.callOff = callOff;
    this.consoles = consoles;
    this.thread = Thread.ofPlatform().name("screen").daemon(true).start(this::show);
  }

  /**
   * Begins.
   *
   * @param callOff done when a person calls the work off; empty if it cannot be
   */
  static SaverScreen begin(Work work, Optional<Runnable> callOff, Journal journal) {
    Optional<QuietTerminals> consoles = Optional.empty();
    try {
      consoles = Optional.of(QuietTerminals.consoleKeys()).filter(found -> !found.isEmpty());
    } catch (IOException e) {
      journal.say("the consoles cannot be listed: " + e.getMessage());
    }
    return new SaverScreen(work, callOff, consoles);
  }

  private void show() {
    if (consoles.isEmpty()) {
      return;
    }
    try {
      consoles.get().print(CLEAR_BELOW);
      if (callOff.isPresent()) {
        consoles.get().print("dormouse: Escape or Ctrl-C calls it off\r\n");
      }
      long drawn = start - REDRAW.toNanos();
      while (!Thread.currentThread().isInterrupted()) {
        if (System.nanoTime() - drawn >= REDRAW.toNanos()) {
          draw();
          drawn = System.nanoTime();
        }
        if (callsOff(key(GLANCE))) {
          consoles.get().print("\r\ndormouse: called off\r\n");
          callOff.ifPresent(Runnable::run);
          return;
        }
      }
    } catch (LinuxException e) {
      // Nobody can be heard; the work goes on.
    }
  }

  private void draw() {
    String line =
        ProgressBar.line(
            work.what(),
            work.done().getAsLong(),
            work.total(),
            Duration.ofNanos(System.nanoTime() - start));
    // Back to the start of the line; and what follows the text there is blank.
    consoles.orElseThrow().print("\r" + line + "\033[K");
  }

  /** What one key sent; an Escape by itself only if nothing follows it. */
  private byte[] key(Duration patience) throws LinuxException {
    byte[] key = consoles.orElseThrow().awaitKey(patience);
    boolean perhapsMore = key.length == 1 && key[0] == ESCAPE;
    return perhapsMore && consoles.get().awaitKey(REST).length > 0 ? new byte[0] : key;
  }

  /** Whether these bytes of a keyboard mean that the work is not wanted. */
  static boolean callsOff(byte[] key) {
    for (byte sent : key) {
      if (sent == CONTROL_C) {
        return true;
      }
    }
    return key.length == 1 && key[0] == ESCAPE;
  }

  /** Shows the end, and gives the consoles back. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (consoles.isPresent()) {
      draw();
      consoles.get().print("\r\n");
      consoles.get().close();
    }
  }
}
