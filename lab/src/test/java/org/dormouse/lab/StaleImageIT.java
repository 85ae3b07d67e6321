package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.demo.Wake;
import org.dormouse.lab.guest.GuestRoot;
import org.dormouse.lab.guest.HostCommand;
import org.dormouse.lab.qemu.Disk;
import org.dormouse.lab.qemu.Machine;
import org.dormouse.lab.qemu.MachineOptions;
import org.dormouse.lab.qemu.Reset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * While a machine sleeps another system uses what it has in use: its memory remembers disks that
 * are no more, and must never wake. Nothing is lost but the sleep.
 */
class StaleImageIT {
  private static final Duration BOOT = Duration.ofMinutes(2);
  private static final String SECOND = "second";
  private static final String SWAP = "swap";

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  void itIsNamedAndTakenAwayAndTheMachineBoots() throws Exception {
    Path folder = bed.folder("stale");
    Path second = folder.resolve("second.img");
    Path swap = folder.resolve("swap.img");
    GuestRoot.writeEmptyDisk(second, 32L << 20);
    HostCommand.check(List.of("/sbin/mke2fs", "-q", "-t", "ext4", second.toString()));
    GuestRoot.writeEmptyDisk(swap, 32L << 20);
    MachineOptions machine =
        bed.machine()
            .withMemoryBytes(512L << 20)
            .withDisk(new Disk(second, SECOND))
            .withDisk(new Disk(swap, SWAP));
    try (Scenario scenario = Scenario.prepare(bed.software(), machine, folder)) {
      scenario.boot();
      String secondDevice = scenario.options().deviceOf(SECOND);
      String swapDevice = scenario.options().deviceOf(SWAP);
      check(scenario, "mkswap " + swapDevice + " && swapon " + swapDevice);
      check(scenario, "mkdir /mnt/second && mount " + secondDevice + " /mnt/second");
      check(scenario, "echo A >/mnt/second/from-A");
      scenario.startWorkload(11);
      scenario.fillTo(Fill.parse("50%"));
      SameGuest guest = SameGuest.of(scenario);
      scenario.hibernate();
      StoreFile store = new StoreFile(scenario.imageDisk());
      List<Disk> disks = new ArrayList<>(scenario.options().disks());
      DiskCopies copies = DiskCopies.of(disks);

      otherSystemDoes(scenario, "mount " + secondDevice + " /mnt && umount /mnt && sync");
      isTakenAway(scenario, secondDevice + ", ext4, mounted on /mnt/second: another system has");
      copies.checkUnchanged(store.file(), StoreFile.STATE_BYTES);
      copies.putBack();

      otherSystemDoes(scenario, "mkswap " + swapDevice + " && sync");
      isTakenAway(scenario, swapDevice + ", swap: another system has written to it since");
      copies.putBack();

      rootIsWrittenTo(scenario);
      copies.putBack();

      // The other system was there, and has touched nothing of this one's.
      otherSystemDoes(scenario, "cat " + secondDevice + " " + swapDevice + " >/dev/null");
      scenario.wake(Wake.KEXEC);
      guest.check(scenario);
      check(scenario, "grep A /mnt/second/from-A && swapoff " + swapDevice);
      check(scenario, "umount /mnt/second");
      scenario.shutDown();
      assertThat(scenario.fileSystemErrors()).isEmpty();
    }
    bed.tidy(folder);
  }

  /** The system itself is booted past its image, writes and is shut down as every day. */
  private static void rootIsWrittenTo(Scenario scenario) throws Exception {
    MachineOptions past = scenario.options().withAppend(scenario.options().append() + " noresume");
    scenario.bootAs(past);
    scenario.machine().awaitLine("is left alone .noresume.", BOOT);
    check(scenario, "dd if=/dev/urandom of=/precious bs=1M count=8 2>/dev/null");
    check(scenario, "md5sum /precious >/precious.md5");
    scenario.shutDown();
    assertThat(new StoreFile(scenario.imageDisk()).state()).isEqualTo("COMPLETE");

    Machine booting = scenario.powerOnAs(scenario.options().withReset(Reset.REBOOTS));
    String stale = scenario.rootDevice() + ", ext4, mounted on /: another system has written to it";
    int refused = booting.awaitLine("the image is not woken: " + stale, BOOT).number();
    booting.awaitLine("no image: " + stale, refused, BOOT);
    booting.awaitLine("guest: ready", refused, BOOT);
    check(scenario, "md5sum -c /precious.md5");
    scenario.shutDown();
    assertThat(scenario.fileSystemErrors()).isEmpty();
  }

  private static void otherSystemDoes(Scenario scenario, String command) throws Exception {
    scenario.bootAs(OtherSystem.of(scenario));
    check(scenario, command);
    scenario.shutDown();
  }

  private static void isTakenAway(Scenario scenario, String why) throws Exception {
    Machine waking = scenario.powerOn();
    waking.awaitLine("the image is not woken: " + why, BOOT);
    waking.awaitExit(BOOT);
    StoreFile store = new StoreFile(scenario.imageDisk());
    assertThat(store.state()).isEqualTo("EMPTY");
    assertThat(store.reason()).contains(why);
  }

  private static void check(Scenario scenario, String command) throws Exception {
    scenario.shell().check(command, BOOT);
  }
}
