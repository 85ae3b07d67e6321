package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.dormouse.lab.debian.BootLoader;
import org.dormouse.lab.debian.DebianBuild;
import org.dormouse.lab.debian.DebianFiles;
import org.dormouse.lab.debian.DebianMachine;
import org.dormouse.lab.debian.DebianRecipe;
import org.dormouse.lab.debian.RootDisk;
import org.dormouse.lab.demo.GuestState;
import org.dormouse.lab.packaging.DebianPackage;
import org.dormouse.lab.qemu.Disk;
import org.dormouse.lab.qemu.MachineOptions;
import org.dormouse.lab.guest.GuestRoot;
import org.dormouse.lab.setup.CacheFolder;
import org.dormouse.lab.setup.ConsoleReporter;
import org.dormouse.lab.setup.KernelFlavour;
import org.dormouse.lab.setup.Setup;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A real Debian 12 sleeps and wakes, and everything that it does goes on. */
@Tag("long")
class DebianIT {
  @Test
  void startedBySystemdBoot() throws Exception {
    TestBed bed = TestBed.prepare();
    CacheFolder cache = CacheFolder.fromEnvironment();
    ConsoleReporter reporter = ConsoleReporter.inLines(System.out);
    Setup setup = new Setup(cache, reporter);
    DebianRecipe recipe = new DebianRecipe(setup.kernel(KernelFlavour.V6_12), BootLoader.valueOf(System.getProperty("loader", "SYSTEMD_BOOT")), RootDisk.valueOf(System.getProperty("rootdisk", "PLAIN")));
    DebianFiles made = new DebianBuild(cache, reporter).files(recipe);
    Path folder = bed.folder("debian");
    Path deb = new DebianPackage(cache, reporter).build(setup.software(), Path.of("..", "docs"), folder);
    Path image = folder.resolve("image.img");
    GuestRoot.writeEmptyDisk(image, 2L << 30);
    MachineOptions machine = MachineOptions.bootingFromDisks().withMemoryBytes(1L << 30).withCpus(2).withDisk(new Disk(image, "image")).withAccelerator(bed.accelerator().accelerator());
    try (DebianMachine debian = DebianMachine.prepare(made, recipe, machine, folder)) {
      System.out.println("boot " + debian.boot());
      System.out.println(debian.check("systemctl --failed; free -m; df -h; systemd-analyze"));
      debian.bring(deb);
      System.out.println(debian.check("apt-get install --yes /root/dormouse_*.deb"));
      System.out.println(debian.check("dormouse doctor || true"));
      System.out.println(debian.check("dormouse setup-machine --yes --store /var/lib/dormouse-store --store-size 1536M"));
      System.out.println(debian.check("dormouse doctor || true; ls -la /boot /boot/efi; cat /etc/dormouse.conf | grep -v '^#'"));
      System.out.println(debian.check("work 60"));
      try (var ssh = debian.ssh(); var http = debian.http()) {
        ssh.await(3, java.time.Duration.ofMinutes(1));
        for (int i = 0; i < 2; i++) {
          GuestState before = debian.state();
          System.out.println(before + " " + http.ask() + " " + ssh.count());
          var asleep = debian.sleepBy("systemctl hibernate");
          System.out.println("asleep after " + asleep.seconds() + " " + asleep.stages("command").seconds());
          var awake = debian.wake(before.text("boot_id"));
          System.out.println("awake after " + awake.seconds() + " " + awake.stages("firmware").seconds());
          System.out.println(debian.state() + " " + http.ask() + " " + ssh.count());
          Thread.sleep(20000);
          System.out.println(debian.state() + " " + http.ask() + " " + ssh.count());
          System.out.println(debian.run("journalctl -b --no-pager | tail -60; systemctl --failed", java.time.Duration.ofMinutes(1)));
        }
        System.out.println(debian.run("cat /var/lib/lab/pgbench*", java.time.Duration.ofMinutes(1)));
      }
      debian.shutDown();
      assertThat(debian.fileSystemErrors()).isEmpty();
    }
  }
}
