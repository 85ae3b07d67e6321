package org.dormouse.dump;

import java.util.Optional;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;

/**
 * The pages of a set, handed out to threads in batches, and places in a file for what they make of
 * them: both in ascending order, so that the file does not depend on how many threads there are.
 *
 * <p>A batch is made of whole windows of {@link #WINDOW} pages, as the chunks of an image are: two
 * threads never decompress the same chunk.
 */
final class PageWalk {
  /** What is handed out together. */
  static final int WINDOW = 256;

  /** The most pages of the set in a batch: 4 MiB. */
  static final int MOST_PAGES = 1024;

  /** Another thread failed: whoever gets this gives up quietly. */
  static final class Stopped extends Exception {
    private static final long serialVersionUID = 1L;

    Stopped() {
      super("another thread failed", null, false, false);
    }
  }

  /**
   * Pages for one thread.
   *
   * @param number of the batch, from 0 on
   * @param span whole windows, all in one of {@link Frames}; pages outside of the set included
   * @param rank how many pages of the set come before
   * @param count how many pages of the set are in it, 1 to {@link #MOST_PAGES}
   */
  record Batch(long number, PageRange span, long rank, int count) {}

  private final PageSet pages;
  private long cursor;
  private long rank;
  private long batches;

  private long placedBatches;
  private long place;
  private boolean stopped;

  /**
   * A walk.
   *
   * @param pages what is handed out; must not change meanwhile
   * @param firstPlace the first place in the file, a byte
   */
  PageWalk(PageSet pages, long firstPlace) {
    this.pages = pages;
    this.place = firstPlace;
  }

  /** The next batch; nothing when all pages have been handed out. */
  synchronized Optional<Batch> next() throws Stopped {
    checkRunning();
    long first = pages.next(cursor);
    if (first >= pages.limit()) {
      return Optional.empty();
    }
    long start = first - first % WINDOW;
    long frames = start - start % Frames.WINDOW_PAGES;
    long most = Math.min(frames + Frames.WINDOW_PAGES, pages.limit());
    long end = start;
    int count = 0;
    while (end < most) {
      long next = Math.min(end + WINDOW, most);
      int more = (int) pages.countIn(new PageRange(end, next));
      if (count + more > MOST_PAGES) {
        break;
      }
      count += more;
      end = next;
    }
    Batch batch = new Batch(batches++, new PageRange(start, end), rank, count);
    cursor = end;
    rank += count;
    return Optional.of(batch);
  }

  /**
   * A place in the file for what a batch became. Waits for those before it.
   *
   * @return the place's first byte
   */
  synchronized long place(Batch batch, long bytes) throws Stopped, InterruptedException {
    while (placedBatches != batch.number()) {
      checkRunning();
      wait();
    }
    checkRunning();
    placedBatches++;
    notifyAll();
    long first = place;
    place += bytes;
    return first;
  }

  /** The byte after the last place that was given. */
  synchronized long end() {
    return place;
  }

  /** Ends the walk for everybody. */
  synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  private void checkRunning() throws Stopped {
    if (stopped) {
      throw new Stopped();
    }
  }
}
