package org.dormouse.image;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/**
 * A pool of buffers between threads that fill and threads that empty them. There are never more
 * than it began with: who is too fast waits. The first failure anywhere stops everybody.
 *
 * @param <B> the buffers
 */
final class BufferPool<B> {
  /** Somebody else failed: whoever gets this gives up quietly. */
  static final class Stopped extends Exception {
    private static final long serialVersionUID = 1L;

    Stopped() {
      super("another thread failed", null, false, false);
    }
  }

  private final Queue<B> empty;
  private final Queue<B> full = new ArrayDeque<>();
  private Optional<Throwable> failure = Optional.empty();
  private boolean ended;

  BufferPool(List<B> buffers) {
    empty = new ArrayDeque<>(buffers);
  }

  /** An empty buffer to fill; waits for one. */
  synchronized B takeEmpty() throws InterruptedException, Stopped {
    checkRunning();
    while (empty.isEmpty()) {
      wait();
      checkRunning();
    }
    return empty.remove();
  }

  /** Hands on a buffer that is full. */
  synchronized void putFull(B buffer) {
    full.add(buffer);
    notifyAll();
  }

  /** A full buffer to empty; waits for one. Nothing when all have been emptied after the end. */
  synchronized Optional<B> takeFull() throws InterruptedException, Stopped {
    checkRunning();
    while (full.isEmpty() && !ended) {
      wait();
      checkRunning();
    }
    return Optional.ofNullable(full.poll());
  }

  /** Whether all others are full or in use: who fills another one next would have to wait. */
  synchronized boolean isEmptierBehind() {
    return empty.isEmpty();
  }

  /** Gives back a buffer that has been emptied. */
  synchronized void putEmpty(B buffer) {
    empty.add(buffer);
    notifyAll();
  }

  /** Says that no further buffer will be filled. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  /** Stops everybody, because of {@code reason}; the first reason stays. */
  synchronized void fail(Throwable reason) {
    if (failure.isEmpty()) {
      failure = Optional.of(reason);
    }
    notifyAll();
  }

  /** Why everybody stopped, if they did. */
  synchronized Optional<Throwable> failure() {
    return failure;
  }

  /** Ends the caller's work if somebody failed. */
  synchronized void checkRunning() throws Stopped {
    if (failure.isPresent()) {
      throw new Stopped();
    }
  }
}
