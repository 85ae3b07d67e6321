package org.dormouse.image;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Platform threads around one {@link BufferPool}: what goes wrong in any of them stops all.
 *
 * <p>They use native memory of others. So nobody gets away from here, not by an exception and not
 * by an interrupt, before every thread has ended.
 */
final class Workers implements AutoCloseable {
  /** What one thread does. */
  interface Job {
    void run() throws IOException, InterruptedException, BufferPool.Stopped;
  }

  private final List<Thread> threads = new ArrayList<>();
  private final BufferPool<?> pool;

  Workers(BufferPool<?> pool) {
    this.pool = pool;
  }

  /** Begins a job on a thread of its own. */
  void start(String name, Job job) {
    threads.add(Thread.ofPlatform().name(name).daemon(true).start(() -> guarded(job)));
  }

  /** Waits until every job has ended by itself. */
  void await() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @SuppressWarnings("InterruptedExceptionSwallowed") // it stops the pool, which surfaces it
  private void guarded(Job job) {
    try {
      job.run();
    } catch (BufferPool.Stopped e) {
      // The thread that failed has left its reason in the pool.
    } catch (Throwable e) {
      pool.fail(e);
    }
  }

  /** Stops the pool if a job is still at work, and waits for it whatever happens. */
  @Override
  public void close() {
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        pool.fail(new BufferPool.Stopped());
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
