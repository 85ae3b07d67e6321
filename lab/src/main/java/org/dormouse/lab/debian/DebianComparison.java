package org.dormouse.lab.debian;

import java.util.ArrayList;
import java.util.List;
import org.dormouse.lab.demo.Finding;

/**
 * Whether a Debian that slept is what it was: a pure function of what was seen before, right after
 * and a while after waking, from inside and from the host.
 */
final class DebianComparison {
  private final Glance before;
  private final Glance after;
  private final Glance later;
  private final List<Finding> findings = new ArrayList<>();

  private DebianComparison(Glance before, Glance after, Glance later) {
    this.before = before;
    this.after = after;
    this.later = later;
  }

  /** Compares. */
  static List<Finding> of(Glance before, Glance after, Glance later) {
    DebianComparison comparison = new DebianComparison(before, after, later);
    comparison.sameSystem();
    comparison.sameProcesses();
    comparison.workGoesOn();
    comparison.connectionsLive();
    comparison.firmwareAnswers();
    return List.copyOf(comparison.findings);
  }

  private void sameSystem() {
    same("boot_id", "the kernel that was booted (boot_id)");
    same("cpus", "CPUs");
    same("system", "systemctl is-system-running");
    is("system", "running", "systemd finds the system running");
    is("failed_units", "0", "no unit has failed");
  }

  private void sameProcesses() {
    same("postgres_pid", "PID of PostgreSQL");
    same("pgbench_pid", "PID of pgbench");
    same("nginx_pid", "PID of nginx");
    same("sshd_pid", "PID of sshd");
    same("tmux_pid", "PID of the counter in tmux");
    same("dd_pid", "PID of dd");
  }

  private void workGoesOn() {
    increases("pgbench_transactions", "transactions of pgbench's");
    increases("tmux_count", "the counter in tmux");
    increases("dd_bytes", "bytes that dd has written to the root");
  }

  private void connectionsLive() {
    add(
        before.ssh() <= after.ssh() && after.ssh() < later.ssh(),
        "the ssh session counts: %d before, then %d, then %d"
            .formatted(before.ssh(), after.ssh(), later.ssh()),
        "the ssh session does not count on: %d before, then %d, then %d"
            .formatted(before.ssh(), after.ssh(), later.ssh()));
    HttpConnection.Answer was = before.http();
    HttpConnection.Answer is = after.http();
    add(
        is.equals(new HttpConnection.Answer(was.connection(), was.requests() + 1, was.pid())),
        "nginx answers on the connection that was open, request %d".formatted(is.requests()),
        "nginx's connection was %s and is %s".formatted(was, is));
  }

  private void firmwareAnswers() {
    if (before.state().values().containsKey("efi_variables")) {
      same("efi_language", "the EFI variable PlatformLang");
      add(
          later.state().number("efi_variables") > 0,
          "EFI variables are read: " + later.state().text("efi_variables"),
          "no EFI variable can be read");
    }
  }

  private void same(String name, String what) {
    String was = before.state().text(name);
    String is = after.state().text(name);
    add(is.equals(was), what + ": " + is, what + " was " + was + " and is " + is);
  }

  private void is(String name, String wanted, String what) {
    String is = later.state().text(name);
    add(is.equals(wanted), what, "not so: " + what + " (" + name + " is " + is + ")");
  }

  private void increases(String name, String what) {
    long was = before.state().number(name);
    long is = after.state().number(name);
    long then = later.state().number(name);
    add(
        was <= is && is < then,
        what + ": " + was + " before, then " + is + ", then " + then,
        what + " do not go on: " + was + " before, then " + is + ", then " + then);
  }

  private void add(boolean right, String good, String bad) {
    findings.add(right ? new Finding.Same(good) : new Finding.Wrong(bad));
  }
}
