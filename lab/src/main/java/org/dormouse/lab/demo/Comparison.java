package org.dormouse.lab.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether a guest that slept is the guest that it was: a pure function of what it said before,
 * right after and a while after waking.
 */
public final class Comparison {
  /** Counters run ten times a second at most (the workload's timer). */
  private static final double FASTEST_PER_SECOND = 10;

  /** The guest's clock may be a little faster than the host's. */
  private static final double TOLERANCE = 1.1;

  private final GuestState before;
  private final GuestState after;
  private final GuestState later;
  private final Duration awake;
  private final List<Finding> findings = new ArrayList<>();

  private Comparison(GuestState before, GuestState after, GuestState later, Duration awake) {
    this.before = before;
    this.after = after;
    this.later = later;
    this.awake = awake;
  }

  /**
   * Compares.
   *
   * @param awake at most how long the guest can have been awake between {@code before} and {@code
   *     after}, by the host's clock
   */
  public static List<Finding> of(
      GuestState before, GuestState after, GuestState later, Duration awake) {
    Comparison comparison = new Comparison(before, after, later, awake);
    comparison.sameSystem();
    comparison.sameProcesses();
    comparison.countersGoOn();
    comparison.conversationLives();
    comparison.filesAreRight();
    return List.copyOf(comparison.findings);
  }

  /** The first thing that is wrong. */
  public static Optional<String> firstWrong(List<Finding> findings) {
    for (Finding finding : findings) {
      if (finding instanceof Finding.Wrong(String what)) {
        return Optional.of(what);
      }
    }
    return Optional.empty();
  }

  private void sameSystem() {
    same("boot_id", "the kernel that was booted (boot_id)");
    same("cpus_online", "CPUs online");
    same("cpus", "number of CPUs");
  }

  private void sameProcesses() {
    same("java_pid", "PID of the Java process");
    same("counter_pid", "PID of the counting shell");
    same("peer_pid", "PID of the shell at the other end of the connection");
    is("counter_alive", "yes", "the counting shell lives");
    is("peer_alive", "yes", "the shell at the other end lives");
    same("filled_bytes", "bytes of memory filled");
  }

  private void countersGoOn() {
    goesOn("ticks", "timer");
    goesOn("shell_count", "shell's counter");
    goesOn("file_lines", "lines of the growing file");
    is("clock_errors", "0", "the monotonic clock never went backwards");
  }

  private void conversationLives() {
    is("conversation", "alive", "the TCP connection is alive");
    increases("sent", "numbers sent over TCP");
    increases("received", "numbers received over TCP");
  }

  private void filesAreRight() {
    is("file_wrong", "0", "the growing file has every line once and in order");
    is("tmpfs_wrong", "0", "files on tmpfs have their digests");
  }

  private void same(String name, String what) {
    String is = after.text(name);
    String was = before.text(name);
    add(is.equals(was), what + ": " + is, what + " was " + was + " and is " + is);
  }

  private void is(String name, String wanted, String what) {
    String is = later.text(name);
    add(is.equals(wanted), what, "not so: " + what + " (" + name + " is " + is + ")");
  }

  /** The counter was not reset, did not jump, and still moves. */
  private void goesOn(String name, String what) {
    long was = before.number(name);
    long is = after.number(name);
    double most =
        was + awake.toMillis() / 1e3 * FASTEST_PER_SECOND * TOLERANCE + FASTEST_PER_SECOND;
    if (is < was) {
      findings.add(new Finding.Wrong(what + " went back from " + was + " to " + is));
    } else if (is > most) {
      findings.add(
          new Finding.Wrong(
              "%s jumped from %d to %d in %.1f s"
                  .formatted(what, was, is, awake.toMillis() / 1e3)));
    } else {
      increases(name, what);
    }
  }

  private void increases(String name, String what) {
    long was = before.number(name);
    long is = after.number(name);
    long then = later.number(name);
    add(
        was <= is && is < then,
        what + ": " + was + " before, then " + is + ", then " + then,
        what + " does not go on: " + was + " before, then " + is + ", then " + then);
  }

  private void add(boolean right, String good, String bad) {
    findings.add(right ? new Finding.Same(good) : new Finding.Wrong(bad));
  }
}
