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
      System.out.println(debian.check("mkdir -p /var/lib/lab; dormouse initramfs saver --output /boot/dormouse-saver.img"));
      System.out.println(debian.check("work 60"));
      try (var ssh = debian.ssh(); var http = debian.http()) {
        GuestState before = debian.state();
        System.out.println(before + " " + http.ask() + " " + ssh.count());
        System.out.println(debian.check("cat /var/lib/lab/pgbench*; systemctl --failed; fdisk -l; ls -la /boot /boot/efi"));
        Thread.sleep(100000);
        System.out.println(debian.state() + " " + http.ask() + " " + ssh.count());
        System.out.println(debian.check("cat /var/lib/lab/pgbench*"));
      }
      debian.shutDown();
      assertThat(debian.fileSystemErrors()).isEmpty();
    }
  }
}
