package org.dormouse.dump;

import java.io.IOException;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Threads that share one {@link PageWalk}.
 *
 * <p>They use native memory of others. So nobody gets away from here, not by an exception and not
 * by an interrupt, before every thread has ended.
 */
final class WorkerThreads {
  /** What each thread does, until the walk has no more batches. */
  interface Job {
    void run() throws IOException, InterruptedException, PageWalk.Stopped;
  }

  private WorkerThreads() {}

  /**
   * Runs the job on each of some threads and waits for all of them.
   *
   * @throws IOException the first failure of a thread
   */
  static void run(int threads, PageWalk walk, Job job) throws IOException, InterruptedException {
    try (ExecutorService pool =
        Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon(true).factory())) {
      CompletionService<Void> ends = new ExecutorCompletionService<>(pool);
      for (int i = 0; i < threads; i++) {
        ends.submit(
            () -> {
              job.run();
              return null;
            });
      }
      try {
        for (int i = 0; i < threads; i++) {
          ends.take().get();
        }
      } catch (ExecutionException e) {
        throw failure(e.getCause());
      } finally {
        // Without a failure there is nobody left to stop.
        walk.stop();
      }
    }
  }

  private static IOException failure(Throwable cause) throws InterruptedException {
    return switch (cause) {
      case IOException e -> e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(cause);
    };
  }
}
