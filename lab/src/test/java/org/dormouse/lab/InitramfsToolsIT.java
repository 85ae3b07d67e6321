package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.dormouse.initramfs.Folders;
import org.dormouse.initramfs.InitramfsTools;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.demo.Wake;
import org.dormouse.lab.guest.GuestSoftware;
import org.dormouse.lab.guest.HostCommand;
import org.dormouse.lab.qemu.MachineOptions;
import org.dormouse.lab.setup.CacheFolder;
import org.dormouse.lab.setup.ConsoleReporter;
import org.dormouse.lab.setup.Kernel;
import org.dormouse.lab.setup.KernelFlavour;
import org.dormouse.lab.setup.Setup;
import org.dormouse.lab.setup.SetupException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A machine whose initramfs a Debian has made, with Debian's initramfs-tools: it wakes where the
 * kernel is told of the store, and where it is not.
 */
@Tag("long")
class InitramfsToolsIT {
  private static final String PACKAGES =
      "--include=initramfs-tools,busybox-static,kexec-tools,zstd";

  /** What udev does, which does not start on the lab's kernel: that has no inotify. */
  private static final String MOVE_DEV =
      """
      #!/bin/sh
      [ "$1" = prereqs ] || mount -n -o move /dev "$rootmnt/dev"
      """;

  @Test
  void wakesWithAndWithoutAWordOfTheStore() throws Exception {
    TestBed bed = TestBed.prepare();
    Path folder = bed.folder("initramfs-tools");
    Path initramfs = madeByDebian(folder);
    GuestSoftware software = bed.software().withBootInitramfs(initramfs);
    MachineOptions machine = bed.machine().withMemoryBytes(512L << 20);
    try (Scenario scenario = Scenario.prepare(software, machine, folder)) {
      scenario.boot();
      scenario.startWorkload(12);
      scenario.fillTo(Fill.parse("40%"));
      SameGuest guest = SameGuest.of(scenario);

      scenario.hibernate();
      // Before anything else is done with a disk.
      assertThat(scenario.wake(Wake.KEXEC).lines())
          .noneMatch(line -> line.text().contains("EXT4-fs"));
      guest.check(scenario);

      scenario.hibernate();
      scenario.wakeAs(unaware(scenario), Scenario.AWAKE);
      guest.check(scenario);
      assertThat(new StoreFile(scenario.imageDisk()).state()).isEqualTo("CONSUMED");

      scenario.shutDown();
      scenario.bootAs(unaware(scenario));
      scenario.shutDown();
      assertThat(scenario.fileSystemErrors()).isEmpty();
    }
    bed.tidy(folder);
  }

  /** The same machine without the word of the store on its kernel's command line. */
  private static MachineOptions unaware(Scenario scenario) {
    MachineOptions options = scenario.options();
    String word = "dormouse.resume=" + scenario.store();
    assertThat(options.append()).contains(word);
    return options.withAppend(options.append().replace(word, ""));
  }

  private static void script(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Has a fresh Debian 12 make it, which is thrown away then. */
  private static Path madeByDebian(Path folder)
      throws IOException, InterruptedException, SetupException {
    Kernel kernel =
        new Setup(CacheFolder.fromEnvironment(), ConsoleReporter.inLines(System.out))
            .kernel(KernelFlavour.V6_12);
    Path files = folder.resolve("files.tar");
    Path tree = Files.createTempDirectory("initramfs-tools");
    InitramfsTools.writeTo(tree);
    script(tree.resolve("usr/share/initramfs-tools/scripts/init-bottom/dev"), MOVE_DEV);
    Files.createDirectory(tree.resolve("etc"));
    Files.writeString(tree.resolve("etc/dormouse.conf"), "initramfs = yes\n");
    HostCommand.check(List.of("tar", "-cf", files.toString(), "-C", tree.toString(), "usr", "etc"));
    Folders.delete(tree);
    Path initramfs = folder.resolve("debian-boot.img");
    String release = kernel.release();
    String modules = "\"$1\"/lib/modules/" + release;
    HostCommand.check(
        List.of(
            "mmdebstrap",
            "--variant=minbase",
            PACKAGES,
            "--customize-hook=tar-in " + files + " /",
            "--customize-hook=upload " + kernel.config() + " /boot/config-" + release,
            // A kernel that has all of its drivers built in.
            "--customize-hook=mkdir -p " + modules,
            "--customize-hook=touch " + modules + "/modules.order " + modules + "/modules.builtin",
            "--customize-hook=chroot \"$1\" mkinitramfs -o /boot/made " + release,
            "--customize-hook=download /boot/made " + initramfs,
            "--format=null",
            "bookworm",
            "/dev/null"));
    return initramfs;
  }
}
