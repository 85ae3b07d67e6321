package org.dormouse.image;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Platform threads around one {@link Ring}: what goes wrong in any of them stops the ring. */
final class Crew implements AutoCloseable {
  /** What one thread does. */
  interface Job {
    void run() throws IOException, InterruptedException, Ring.Stopped;
  }

  private final ExecutorService threads;
  private final Ring<?> ring;

  Crew(int size, Ring<?> ring) {
    this.threads =
        Executors.newFixedThreadPool(
            size, Thread.ofPlatform().name("image-", 0).daemon(true).factory());
    this.ring = ring;
  }

  /** Begins a job, which ends when the ring does. */
  void start(Job job) {
    threads.execute(() -> guarded(job));
  }

  /** Does all jobs at once, as far as there are threads, and returns when all have ended. */
  void doAll(List<Job> jobs) throws InterruptedException {
    List<Callable<Object>> tasks = new ArrayList<>();
    for (Job job : jobs) {
      tasks.add(
          () -> {
            guarded(job);
            return job;
          });
    }
    threads.invokeAll(tasks);
  }

  @SuppressWarnings("InterruptedExceptionSwallowed") // it stops the ring, which surfaces it
  private void guarded(Job job) {
    try {
      job.run();
    } catch (Ring.Stopped e) {
      // The thread that failed has left its reason in the ring.
    } catch (Throwable e) {
      ring.fail(e);
    }
  }

  /** Waits until every job has ended. */
  @Override
  public void close() {
    threads.close();
  }
}
