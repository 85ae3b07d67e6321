package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.guest.GuestRoot;
import org.dormouse.lab.guest.HostCommand;
import org.dormouse.lab.qemu.CommandResult;
import org.dormouse.lab.qemu.Disk;
import org.dormouse.lab.qemu.RunningCommand;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Three kernels take turns on one machine: the original one, the rescue shell, and one with a root
 * disk of its own. From each into each, as chance has it; each goes on where it was, nobody mounts
 * what another one has mounted, and one that panics gives the machine back.
 */
@Tag("long")
class KernelsIT {
  private static final Duration LONG = Duration.ofMinutes(4);
  private static final int SWITCHES = 30;
  private static final String ORIGINAL = "original";
  private static final String SHELL = "shell";
  private static final String GUEST = "guest";

  /** How far a clock may be off, in seconds: a machine's persistent clock has whole ones. */
  private static final long CLOCK_TOLERANCE = 3;

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  /** One of the kernels, as it was seen last. */
  private static final class Seen {
    private final String bootId;
    private final String digest;
    private long count;
    private double uptime;
    private Optional<RunningCommand> away = Optional.empty();

    private Seen(String bootId, String digest) {
      this.bootId = bootId;
      this.digest = digest;
    }
  }

  private final Map<String, Seen> kernels = new LinkedHashMap<>();
  private String here = ORIGINAL;
  private Scenario scenario;

  @Test
  void threeKernelsTakeTurns() throws Exception {
    Path folder = bed.folder("kernels");
    Disk second = new Disk(folder.resolve("second-root.img"), "second-root");
    Disk spare = new Disk(folder.resolve("spare.img"), "spare");
    GuestRoot.writeEmptyDisk(spare.file(), 64L << 20);
    HostCommand.check(List.of("/sbin/mke2fs", "-q", "-F", "-t", "ext4", spare.file().toString()));
    try (Scenario prepared =
        Scenario.prepare(
            bed.software(),
            bed.machine().withMemoryBytes(2L << 30).withDisk(second).withDisk(spare),
            folder)) {
      scenario = prepared;
      HostCommand.check(
          List.of(
              "cp", "--sparse=always", scenario.rootDisk().toString(), second.file().toString()));
      scenario.boot();
      scenario.startWorkload(23);
      scenario.fillTo(Fill.parse("40%"));
      SameGuest guest = SameGuest.of(scenario);
      look(ORIGINAL);

      addAndEnter();
      guest.check(scenario);
      nobodyMountsWhatAnotherHas();
      takeTurns(new Random(7));
      goTo(ORIGINAL);
      guest.check(scenario);
      aKernelThatPanicsGivesTheMachineBack();
      guest.check(scenario);
      kernelsAreRemoved();
      guest.check(scenario);
      scenario.shutDown();
      assertThat(scenario.fileSystemErrors()).isEmpty();
    }
    bed.tidy(folder);
  }

  private void addAndEnter() throws Exception {
    String added =
        "dormouse kernel add guest --kernel /boot/vmlinuz --cpus 2 --append 'quiet rw root=";
    refused(added + scenario.rootDevice() + "'", "would mount " + scenario.rootDevice());
    assertThat(run(added + device("second-root") + "' --dry-run")).contains("kexec image: entry");
    run(added + device("second-root") + "'");
    assertThat(run("dormouse kernel list")).containsPattern("guest +added");
    enterShell();
    assertThat(run("dormouse kernel list"))
        .containsPattern("original +sleeping.*/dev/.*mounted on /")
        .containsPattern("shell +running")
        .containsPattern("guest +cold");
    goTo(GUEST);
    goTo(ORIGINAL);
    refused("dormouse kernel add other --kernel /boot/vmlinuz", "would end guest and shell");
    refused("dormouse kernel remove shell", "would end guest");
    refused("dormouse hibernate", "other kernels are loaded");
    refused("dormouse disarm", "other kernels are loaded");
  }

  private void enterShell() throws Exception {
    int line = consoleLine();
    Seen left = kernels.get(here);
    left.away =
        Optional.of(
            scenario.shell().start("dormouse switch --shell --append dormouse.shell=ttyS1"));
    scenario.machine().awaitLine("the shell of kernel shell is on", line, LONG);
    here = SHELL;
    look(SHELL);
  }

  /** What one has mounted, the others find busy; what nobody has, they may mount. */
  private void nobodyMountsWhatAnotherHas() throws Exception {
    goTo(SHELL);
    run("mkdir -p /mnt");
    refused("mount -t ext4 " + device("dormouse-root") + " /mnt", "busy");
    refused("mount -t ext4 -o ro " + device("second-root") + " /mnt", "busy");
    refused("dd if=/dev/zero of=" + device("dormouse-root") + " count=1", "");
    run("mount -t ext4 " + device("spare") + " /mnt && echo from-the-shell >/mnt/note");
    goTo(GUEST);
    assertThat(run("dormouse kernel list"))
        .containsPattern("shell +sleeping.*" + device("spare") + ".*mounted on /mnt");
    refused("mount -t ext4 " + device("spare") + " /mnt", "busy");
    goTo(SHELL);
    run("umount /mnt");
    goTo(GUEST);
    run("mount -t ext4 " + device("spare") + " /mnt");
    assertThat(run("cat /mnt/note")).contains("from-the-shell");
    goTo(ORIGINAL);
    refused("mount -t ext4 " + device("spare") + " /mnt", "busy");
    goTo(GUEST);
    run("umount /mnt");
  }

  private void takeTurns(Random random) throws Exception {
    long start = System.nanoTime();
    for (int i = 0; i < SWITCHES; i++) {
      List<String> others = kernels.keySet().stream().filter(name -> !name.equals(here)).toList();
      goTo(others.get(random.nextInt(others.size())));
    }
    System.out.printf("%d switches took %.1f s%n", SWITCHES, (System.nanoTime() - start) / 1e9);
  }

  private void aKernelThatPanicsGivesTheMachineBack() throws Exception {
    goTo(GUEST);
    goTo(SHELL);
    scenario.shell().start("echo c >/proc/sysrq-trigger");
    here = ORIGINAL;
    Seen original = kernels.get(ORIGINAL);
    CommandResult back = scenario.shell().await(original.away.orElseThrow(), LONG);
    original.away = Optional.empty();
    assertThat(back.status()).isNotZero();
    assertThat(back.output())
        .contains("the kernel shell panicked")
        .contains("guest can still be switched to");
    kernels.remove(SHELL);
    check(ORIGINAL);
    assertThat(run("dormouse kernel list")).containsPattern("shell +gone");
    refused("dormouse switch shell", "the kernel shell is gone");
    goTo(GUEST);
    goTo(ORIGINAL);
  }

  private void kernelsAreRemoved() throws Exception {
    refused("dormouse kernel remove guest", "the kernel guest sleeps");
    run("dormouse kernel remove --all --discard");
    assertThat(run("cat /sys/kernel/kexec_loaded")).isEqualTo("0");
    run("mount -t ext4 " + device("second-root") + " /mnt && umount /mnt");
    assertThat(run("dormouse rehearse")).contains("is back");
  }

  /** Into another kernel, which has to be as it was left. */
  private void goTo(String target) throws Exception {
    if (here.equals(target)) {
      return;
    }
    int line = consoleLine();
    kernels.get(here).away = Optional.of(scenario.shell().start("dormouse switch " + target));
    here = target;
    Seen entered = kernels.get(target);
    if (entered == null) {
      scenario.machine().awaitLine("guest: ready", line, LONG);
      look(target);
      return;
    }
    CommandResult back = scenario.shell().await(entered.away.orElseThrow(), LONG);
    assertThat(back.output()).doesNotContain("unmount it").doesNotContain("cannot hold");
    assertThat(back.status()).as(back.output()).isZero();
    check(target);
  }

  /** A kernel that was not seen before gets memory to keep, and something that counts. */
  private void look(String name) throws Exception {
    run("dd if=/dev/urandom of=/tmp/filler bs=1M count=24 2>/dev/null");
    run(
        "(n=0; while :; do n=$((n+1)); echo $n >/tmp/next; mv /tmp/next /tmp/count; sleep 0.1; done)"
            + " >/dev/null 2>&1 &");
    run("until [ -s /tmp/count ]; do sleep 0.1; done");
    Seen seen = new Seen(run("cat /proc/sys/kernel/random/boot_id"), run("sha256sum /tmp/filler"));
    assertThat(kernels.values()).noneMatch(other -> other.bootId.equals(seen.bootId));
    kernels.put(name, seen);
    check(name);
  }

  private void check(String name) throws Exception {
    Seen seen = kernels.get(name);
    long hostBefore = System.currentTimeMillis() / 1000;
    List<String> told =
        run("cat /proc/sys/kernel/random/boot_id; sha256sum /tmp/filler; cat /tmp/count;"
                + " cut -d ' ' -f 1 /proc/uptime; date +%s")
            .lines()
            .toList();
    long hostAfter = System.currentTimeMillis() / 1000;
    assertThat(told.get(0)).isEqualTo(seen.bootId);
    assertThat(told.get(1)).isEqualTo(seen.digest);
    long count = Long.parseLong(told.get(2));
    assertThat(count).as("what %s has counted", name).isBetween(seen.count, seen.count + 6000);
    seen.count = count;
    double uptime = Double.parseDouble(told.get(3));
    assertThat(uptime).isGreaterThanOrEqualTo(seen.uptime);
    seen.uptime = uptime;
    assertThat(Long.parseLong(told.get(4)))
        .as("the clock of %s", name)
        .isBetween(hostBefore - CLOCK_TOLERANCE, hostAfter + CLOCK_TOLERANCE);
  }

  private String run(String command) throws Exception {
    return scenario.shell().check(command, LONG);
  }

  private void refused(String command, String why) throws Exception {
    CommandResult result = scenario.shell().run(command, LONG);
    assertThat(result.status()).as(result.output()).isNotZero();
    assertThat(result.output()).contains(why);
  }

  private String device(String serial) {
    return scenario.options().deviceOf(serial);
  }

  private int consoleLine() {
    return scenario.machine().console().lines().size();
  }
}
