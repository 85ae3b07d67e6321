package org.dormouse.sleep;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.dormouse.linux.Processor;
import org.dormouse.linux.TimeStampCounter;
import org.dormouse.sleep.Standstill.Evenness;

/**
 * Measures how long a jump takes. The kernel's clocks stand still from somewhere in the jump on and
 * are set by the second afterwards; the time stamp counter goes on. How fast it runs is compared
 * with the kernel's clock before the jump.
 */
final class StandstillWatch implements AutoCloseable {
  /**
   * How long the comparison takes at least: a microsecond of error is a hundredth of a per mille.
   */
  private static final Duration COMPARISON = Duration.ofMillis(100);

  /** What the kernel calls a counter that has one speed, and one that never stops. */
  private static final Set<String> EVEN = Set.of("constant_tsc", "nonstop_tsc");

  /** One look at both clocks. */
  private record Look(long ticks, long nanos) {}

  private final Arena arena = Arena.ofConfined();
  private final TimeStampCounter counter;
  private final Evenness evenness;
  private final Look start;
  private double ticksInNano;
  private long ticksBefore;
  private Instant clockBefore = Instant.EPOCH;
  private Standstill measured = new Standstill(Duration.ZERO, Standstill.Trust.DOUBTFUL);

  private StandstillWatch(Processor processor) throws IOException {
    this.counter = TimeStampCounter.open(arena);
    this.evenness = processor.flags().containsAll(EVEN) ? Evenness.PROMISED : Evenness.NOT_PROMISED;
    this.start = look();
  }

  /** Begins to compare the clocks. */
  static StandstillWatch begin() throws IOException {
    return new StandstillWatch(Processor.read());
  }

  private Look look() {
    long before = System.nanoTime();
    long ticks = counter.read();
    return new Look(ticks, before + (System.nanoTime() - before) / 2);
  }

  /** The jump follows. */
  void stop() {
    Look now = look();
    while (now.nanos - start.nanos < COMPARISON.toNanos()) {
      Thread.onSpinWait();
      now = look();
    }
    ticksInNano = (double) (now.ticks - start.ticks) / (now.nanos - start.nanos);
    clockBefore = Instant.now();
    ticksBefore = counter.read();
  }

  /** The jump is over. */
  void goOn() {
    long ticks = counter.read() - ticksBefore;
    Duration clock = Duration.between(clockBefore, Instant.now());
    measured = Standstill.of(Duration.ofNanos((long) (ticks / ticksInNano)), clock, evenness);
  }

  /** What was measured last. */
  Standstill measured() {
    return measured;
  }

  @Override
  public void close() throws IOException {
    counter.close();
    arena.close();
  }
}
