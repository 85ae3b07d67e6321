package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.guest.GuestRoot;
import org.dormouse.lab.guest.HostCommand;
import org.dormouse.lab.qemu.Disk;
import org.dormouse.lab.qemu.Machine;
import org.dormouse.lab.qemu.MachineOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A store is known by what is in it, and the disks that a machine uses by what they say of
 * themselves: neither saver nor initramfs has udev, and names of devices change.
 */
class StoresIT {
  private static final String NAME_OF_UDEV = "/dev/disk/by-id/virtio-dormouse-image";
  private static final String SECOND = "/dev/vdc, ext4, mounted on /mnt/second: ";
  private static final String AWAKE = "dormouse: stage awake";
  private static final Duration LONG = Duration.ofMinutes(2);

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  @Tag("long")
  void aNameOfUdevAStoreThatMovedAndDisksThatAreMissing() throws Exception {
    Path folder = bed.folder("stores");
    Path file = folder.resolve("second.img");
    GuestRoot.writeEmptyDisk(file, 32L << 20);
    HostCommand.check(List.of("/sbin/mke2fs", "-q", "-t", "ext4", file.toString()));
    Disk second = new Disk(file, "second");
    Disk empty = emptyDisk(folder, "empty");
    Disk stranger = emptyDisk(folder, "stranger");
    MachineOptions machine =
        bed.machine().withMemoryBytes(512L << 20).withAppend("dormouse.resume=" + NAME_OF_UDEV);
    try (Scenario scenario = Scenario.prepare(bed.software(), machine, folder)) {
      Disk root = scenario.options().disks().get(0);
      Disk image = scenario.options().disks().get(1);
      // The firmware's memory map depends on how many disks there are: it is always four.
      MachineOptions usual = scenario.moved(List.of(root, image, second, empty));
      scenario.bootAs(usual);
      check(scenario, "mkdir /mnt/second && mount " + usual.deviceOf("second") + " /mnt/second");
      check(scenario, "echo A >/mnt/second/from-A");
      check(scenario, "mkdir -p /dev/disk/by-id");
      check(scenario, "ln -s " + scenario.store() + " " + NAME_OF_UDEV);
      scenario.startWorkload(13);
      scenario.fillTo(Fill.parse("40%"));
      SameGuest guest = SameGuest.of(scenario);

      scenario.sleepBy("dormouse hibernate");
      StoreFile store = new StoreFile(image.file());
      assertThat(store.value("store")).isEqualTo(NAME_OF_UDEV);
      DiskCopies copies = DiskCopies.of(List.of(root, image, second));
      // To the sleeping kernel's driver, the empty disk would be the second one.
      isRefused(
          scenario,
          scenario.moved(List.of(root, image, empty, second)),
          SECOND + "the disk has moved, from 0000:");
      copies.checkUnchanged(image.file(), StoreFile.STATE_BYTES);
      copies.putBack(image.file());
      isRefused(
          scenario,
          scenario.moved(List.of(root, image, stranger, empty)),
          SECOND + "the disk is not there");
      copies.checkUnchanged(image.file(), StoreFile.STATE_BYTES);
      copies.checkUnchanged(root.file(), 0);
      copies.checkUnchanged(second.file(), 0);

      somebodySaysThatItBeTriedAgain(scenario);
      copies.checkUnchanged(image.file(), StoreFile.STATE_BYTES);
      // Of what the sleeping kernel has in use everything is in its place; the store is not.
      scenario.wakeAs(scenario.moved(List.of(root, empty, second, image)), AWAKE);
      guest.check(scenario);
      assertThat(store.state()).isEqualTo("CONSUMED");
      check(scenario, "grep A /mnt/second/from-A && umount /mnt/second");
      scenario.shutDown();
      assertThat(scenario.fileSystemErrors()).isEmpty();
    }
    bed.tidy(folder);
  }

  private static Disk emptyDisk(Path folder, String name) throws Exception {
    Path file = folder.resolve(name + ".img");
    GuestRoot.writeEmptyDisk(file, 32L << 20);
    return new Disk(file, name);
  }

  private static void somebodySaysThatItBeTriedAgain(Scenario scenario) throws Exception {
    scenario.bootAs(OtherSystem.of(scenario));
    assertThat(scenario.shell().check("dormouse image info " + scenario.store(), LONG))
        .contains("REFUSED")
        .contains("the disk is not there");
    check(scenario, "dormouse image retry " + scenario.store());
    scenario.shutDown();
  }

  @Test
  void aStoreThatComesLate() throws Exception {
    Path folder = bed.folder("late-store");
    Path file = folder.resolve("late.img");
    GuestRoot.writeEmptyDisk(file, 640L << 20);
    Disk late = new Disk(file, "late");
    MachineOptions machine = bed.machine().withMemoryBytes(512L << 20).withLateDisk(late);
    String store = machine.deviceOf("late");
    try (Scenario scenario =
        Scenario.prepare(bed.software(), machine.withAppend("dormouse.resume=" + store), folder)) {
      scenario.powerOn().awaitLine("stage wake-search", LONG);
      scenario.machine().plugIn(late);
      scenario.machine().awaitLine("guest: ready", LONG);
      scenario.startWorkload(17);
      scenario.fillTo(Fill.parse("40%"));
      SameGuest guest = SameGuest.of(scenario);
      scenario.sleepBy("dormouse hibernate");
      assertThat(new StoreFile(file).state()).isEqualTo("COMPLETE");

      Machine waking = scenario.powerOn();
      waking.awaitLine("stage wake-search", LONG);
      // Some looks late. Not more: the guest waits 10 seconds of its own, and where the host is
      // busy
      // when it measures its clock, that can run several times as fast as the host's.
      Thread.sleep(Duration.ofSeconds(1));
      waking.plugIn(late);
      waking.awaitLine(AWAKE, LONG);
      guest.check(scenario);
      assertThat(new StoreFile(file).state()).isEqualTo("CONSUMED");
      scenario.shutDown();
      assertThat(scenario.fileSystemErrors()).isEmpty();
    }
    bed.tidy(folder);
  }

  private static void isRefused(Scenario scenario, MachineOptions machine, String why)
      throws Exception {
    Machine refusing = scenario.powerOnAs(machine);
    refusing.awaitLine("the image is not woken: " + why, LONG);
    refusing.awaitExit(LONG);
    assertThat(refusing.isSwitchedOff()).isFalse();
    StoreFile store = new StoreFile(scenario.imageDisk());
    assertThat(store.state()).isEqualTo("REFUSED");
    assertThat(store.reason()).startsWith(why);
  }

  private static void check(Scenario scenario, String command) throws Exception {
    scenario.shell().check(command, LONG);
  }
}
