package org.dormouse.lab.debian;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.dormouse.lab.demo.Comparison;
import org.dormouse.lab.demo.DemoResult;
import org.dormouse.lab.demo.Finding;
import org.dormouse.lab.demo.GuestState;
import org.dormouse.lab.demo.Teller;
import org.dormouse.lab.demo.Transition;
import org.dormouse.lab.qemu.MachineOptions;

/**
 * The demonstration on a Debian: Dormouse is installed and set up as a person does it, the machine
 * works, {@code systemctl hibernate} switches it off, it is switched on, and is looked over.
 */
public final class DebianDemo {
  private static final long MIB = 1L << 20;
  private static final String STORE = "/var/lib/dormouse/store";

  /** What a person finds in the journal of it, without the stages. */
  private static final String JOURNAL = "journalctl --boot --no-pager --unit systemd-hibernate";

  private static final String SAVER_KERNEL = "/boot/dormouse-saver-kernel";

  /** All of a sleep but the wake: what the saver takes of memory, and of time. */
  private static final String SAVE_ONCE =
      "dormouse rehearse --dry-run; time dormouse hibernate --then return; dmesg | grep"
          + " 'dormouse: stage' | tail -n 20";

  /** What the script of an ordinary boot says, and a boot loader that starts the saver does not. */
  private static final String ORDINARY_BOOT = "dormouse: stage wake-search";

  /** What setting up has left of Dormouse's, outside of its package, one line each. */
  private static final String LEFT =
      "ls -d /boot/dormouse* /boot/efi/dormouse /boot/grub/dormouse.cfg /var/lib/dormouse/store"
          + " /etc/kernel/postinst.d/zz-dormouse /etc/grub.d/42_dormouse 2>/dev/null;"
          + " find /etc/systemd/system -name '*dormouse*'; grep ^store /etc/dormouse.conf; true";

  private static final String IS_LOADED = "grep -qx 1 /sys/kernel/kexec_loaded";

  private static final String INSTALL = "apt-get install --yes ";

  /** As somebody does it at the boot loader's prompt, for all boots to come. */
  private static final String NORESUME =
      "if [ -e /boot/grub/grub.cfg ]; then sed -i '/\\/vmlinuz-/s/$/ noresume/' /boot/grub/grub.cfg;"
          + " else sed -i '/^options /s/$/ noresume/' /boot/efi/loader/entries/*.conf; fi";

  /** Of the package's, when it is to be removed while an image waits. */
  private static final String REFUSAL = "the package is not removed, for an image";

  private static final String DISCARD = "dormouse image discard " + STORE;

  private static final String UNDO = "dormouse setup-machine --undo --yes";

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Some work is done in it, also by a machine that is emulated on a busy host. */
  private static final Duration A_WHILE = Duration.ofSeconds(6);

  /** So many numbers of the ssh session's, one a second, show that it counts. */
  private static final int FEW = 3;

  private final DebianRecipe recipe;
  private final MachineOptions machine;
  private final int cycles;
  private final Teller teller;

  /**
   * @param recipe which Debian
   * @param machine what it runs on, without its disk
   * @param cycles how often it sleeps
   * @param out where the story is told
   */
  public DebianDemo(DebianRecipe recipe, MachineOptions machine, int cycles, PrintWriter out) {
    this.recipe = recipe;
    this.machine = machine;
    this.cycles = cycles;
    this.teller = new Teller(out);
  }

  /**
   * Runs it. Whatever goes wrong with the machine is a {@link DemoResult.Fail}, and was told.
   *
   * @param files the Debian
   * @param dormouse the package that is installed in it
   * @param folder an existing folder for disks and logs
   */
  public DemoResult run(DebianFiles files, Path dormouse, Path folder) throws InterruptedException {
    try (DebianMachine debian = DebianMachine.prepare(files, recipe, machine, folder)) {
      begin(debian, dormouse);
      return atWork(debian, dormouse);
    } catch (IOException | IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      teller.quote(message);
      return new DemoResult.Fail(message.lines().findFirst().orElse("for no known reason"));
    }
  }

  /** Tells the last line of the story. */
  public void tellEnd(DemoResult result) {
    teller.end(result);
  }

  private void begin(DebianMachine debian, Path dormouse) throws IOException, InterruptedException {
    teller.say(
        "a machine: %d MiB of RAM, %d CPUs, %s; Debian 12 with Linux %s, started by %s",
        machine.memoryBytes() / MIB,
        machine.cpus(),
        recipe.layout().firmware(),
        recipe.kernel().release(),
        recipe.describe());
    double booted = debian.boot().toMillis() / 1e3;
    teller.say("systemd is up, %.1f s after power-on", booted);
    debian.bring(dormouse);
    type(debian, INSTALL + "./" + dormouse.getFileName());
    see(debian, "dormouse doctor");
    if (recipe.layout().isEncrypted()) {
      // On an encrypted volume there are only sealed images. People are advised to take the same
      // passphrase.
      type(
          debian,
          "printf '%1$s\\n%1$s\\n' | dormouse key create".formatted(DebianFiles.PASSPHRASE));
    }
    String setUp =
        "dormouse setup-machine --yes --store " + STORE + (cycles > 1 ? " --direct yes" : "");
    String plan = debian.check(setUp);
    teller.say("debian# %s", setUp);
    teller.quote(plan);
    see(debian, "dormouse doctor");
    if (recipe.kernel() instanceof DebianKernel.Packaged packaged && packaged.saver().isPresent()) {
      compareSavers(debian, packaged.saver().get());
    }
    debian.check("dormouse doctor | grep -q '^This machine can sleep'");
    debian.check("work");
    teller.say(
        "it works: pgbench on PostgreSQL, nginx, a counter in tmux, dd to the root; from here an ssh"
            + " session and an HTTP connection");
  }

  /** What the saver takes if it runs the machine's own kernel, and if it runs one of its own. */
  private void compareSavers(DebianMachine debian, Path saver)
      throws IOException, InterruptedException {
    see(debian, SAVE_ONCE);
    debian.bring(saver);
    type(debian, "mv " + saver.getFileName() + " " + SAVER_KERNEL);
    type(debian, "dormouse setup-machine --yes --saver-kernel " + SAVER_KERNEL);
    see(debian, SAVE_ONCE);
    type(debian, "dormouse setup-machine --yes --saver-kernel own");
    type(debian, "rm -f " + SAVER_KERNEL + "*");
  }

  /** Has a command run that has to succeed, whose words are of no interest. */
  private void type(DebianMachine debian, String command) throws IOException, InterruptedException {
    debian.check(command);
    teller.say("debian# %s", command);
  }

  /** Has a command run, shows what it says, and gives that back. */
  private String see(DebianMachine debian, String command)
      throws IOException, InterruptedException {
    String said = debian.run(command, PATIENCE);
    teller.say("debian# %s", command);
    teller.quote(said);
    return said;
  }

  private DemoResult atWork(DebianMachine debian, Path dormouse)
      throws IOException, InterruptedException {
    try (SshSession ssh = debian.ssh();
        HttpConnection http = debian.http()) {
      http.ask();
      for (int i = 1; i <= cycles; i++) {
        // Of several the last one is woken as without the boot loader's help.
        boolean isDirect = i < cycles;
        if (!isDirect && cycles > 1) {
          type(debian, direct("yes", "no"));
          upgrade(debian, dormouse);
        }
        List<Finding> findings = new ArrayList<>(cycle(debian, ssh, http));
        findings.add(wokenBy(debian, isDirect));
        Optional<String> wrong = Comparison.firstWrong(findings);
        if (wrong.isPresent()) {
          return new DemoResult.Fail(wrong.get());
        }
      }
    }
    see(debian, JOURNAL);
    debian.check("journalctl --boot --unit systemd-hibernate | grep -q 'awake again'");
    List<Finding> findings = end(debian, debian.state().text("boot_id"));
    teller.findings(findings);
    return Comparison.firstWrong(findings)
        .<DemoResult>map(DemoResult.Fail::new)
        .orElse(new DemoResult.Pass());
  }

  /** Changes the setting by hand. */
  private static String direct(String from, String to) {
    return "sed -i 's/^direct = " + from + "$/direct = " + to + "/' /etc/dormouse.conf";
  }

  /** As an upgrade does it: with a warm saver, which stays, and all that was set up made anew. */
  private void upgrade(DebianMachine debian, Path dormouse)
      throws IOException, InterruptedException {
    debian.check(IS_LOADED);
    type(debian, INSTALL + "--reinstall ./" + dormouse.getFileName());
    debian.check(IS_LOADED);
  }

  private Finding wokenBy(DebianMachine debian, boolean isDirect) {
    boolean wasOrdinary =
        debian.machine().console().lines().stream()
            .anyMatch(line -> line.text().contains(ORDINARY_BOOT));
    String by = wasOrdinary ? "an ordinary boot" : "the boot loader";
    teller.say("woken by %s", by);
    return isDirect == wasOrdinary
        ? new Finding.Wrong("woken by " + by)
        : new Finding.Same("woken by " + by);
  }

  private List<Finding> cycle(DebianMachine debian, SshSession ssh, HttpConnection http)
      throws IOException, InterruptedException {
    ssh.await(ssh.count() + FEW, PATIENCE);
    Glance before = glance(debian, ssh, http);
    teller.say(
        "before: %s transactions, tmux at %s, the ssh session at %d, request %d over HTTP",
        before.state().text("pgbench_transactions"),
        before.state().text("tmux_count"),
        before.ssh(),
        before.http().requests());
    teller.say("debian# systemctl hibernate");
    Transition asleep = debian.sleepBy("systemctl hibernate");
    teller.say("the machine is off, %.1f s after the command:", asleep.seconds());
    teller.stages(asleep.stages(Transition.COMMAND));
    teller.say("power on: a new QEMU process, the same disk");
    Transition awake = debian.wake(before.state().text("boot_id"));
    teller.say("awake, %.1f s after power-on:", awake.seconds());
    teller.stages(awake.stages(Transition.FIRMWARE));
    Glance after = glance(debian, ssh, http);
    ssh.await(after.ssh() + FEW, PATIENCE);
    Thread.sleep(A_WHILE);
    List<Finding> findings = DebianComparison.of(before, after, glance(debian, ssh, http));
    teller.say("the machine, looked over:");
    teller.findings(findings);
    return findings;
  }

  private static Glance glance(DebianMachine debian, SshSession ssh, HttpConnection http)
      throws IOException, InterruptedException {
    if (!ssh.broken().isEmpty()) {
      throw new IOException("ssh: " + ssh.broken());
    }
    return new Glance(debian.state(), ssh.count(), http.ask());
  }

  private List<Finding> end(DebianMachine debian, String boot)
      throws IOException, InterruptedException {
    String said = debian.check("finish");
    GuestState ended = GuestState.parse(said);
    teller.say("the work was ended:");
    List<Finding> findings = new ArrayList<>();
    findings.add(zero(ended, "pgbench_failed", "failed transactions of pgbench's"));
    findings.add(zero(ended, "numbers_wrong", "wrong lines in what dd has written"));
    findings.add(zero(ended, "pg_amcheck", "exit code of pg_amcheck"));
    findings.add(zero(ended, "failed_units", "failed units"));
    type(debian, NORESUME);
    // With a warm saver, which systemd would take for the kernel to be started next.
    boolean jumped =
        debian.restart(boot).stream()
            .anyMatch(line -> line.text().matches(".*dormouse: stage (entered|saver)"));
    findings.add(
        jumped
            ? new Finding.Wrong("systemctl reboot went into the saver")
            : new Finding.Same("systemctl reboot: booted"));
    findings.add(staysForAnImage(debian));
    findings.add(takenBack(debian));
    debian.shutDown();
    Optional<String> errors = debian.fileSystemErrors();
    findings.add(
        errors
            .<Finding>map(words -> new Finding.Wrong("the root is not clean: " + words))
            .orElse(new Finding.Same("shut down; e2fsck finds the root clean")));
    if (Comparison.firstWrong(findings).isPresent()) {
      teller.quote(said);
    }
    return findings;
  }

  /** The boots leave images alone now: one waits, and whoever removes the package is told so. */
  private Finding staysForAnImage(DebianMachine debian) throws IOException, InterruptedException {
    debian.sleepBy("systemctl hibernate");
    debian.boot();
    String state = debian.check("dormouse store state").strip();
    boolean isTold = see(debian, "apt-get remove --yes dormouse").contains(REFUSAL);
    boolean isInstalled =
        debian
            .check("dpkg-query --show --showformat '${db:Status-Status}' dormouse")
            .strip()
            .equals("installed");
    boolean isSetUp = !debian.check(LEFT).isBlank();
    type(debian, DISCARD);
    return state.equals("COMPLETE") && isTold && isInstalled && isSetUp
        ? new Finding.Same("slept, and booted with noresume: the package stays for the image")
        : new Finding.Wrong(
            "image: %s, told: %s, installed: %s, set up: %s"
                .formatted(state, isTold, isInstalled, isSetUp));
  }

  private Finding takenBack(DebianMachine debian) throws IOException, InterruptedException {
    // What somebody has changed since is left, and told by the exit status.
    debian.check(direct("no", "yes"));
    String said = debian.check(UNDO);
    teller.say("debian# %s", UNDO);
    teller.quote(said);
    String left = debian.check(LEFT).strip();
    type(debian, "apt-get purge --yes dormouse");
    String programs =
        debian.check("ls /usr/sbin/dormouse /etc/dormouse.conf 2>/dev/null; true").strip();
    return left.isEmpty() && programs.isEmpty()
        ? new Finding.Same("set back and purged: nothing is left")
        : new Finding.Wrong("left of it: " + left + " " + programs);
  }

  private static Finding zero(GuestState ended, String name, String what) {
    String is = ended.text(name);
    return is.equals("0")
        ? new Finding.Same(what + ": 0")
        : new Finding.Wrong(what + ": " + (is.isEmpty() ? "not reported" : is));
  }
}
