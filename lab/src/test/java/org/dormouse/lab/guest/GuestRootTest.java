package org.dormouse.lab.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestRootTest {
  private static final Path BUSYBOX = Path.of("/bin/busybox");

  @TempDir private Path folder;

  /** The shell of the host stands for the runtime: what counts is that it needs libraries. */
  private GuestSoftware software() throws Exception {
    Path software = folder.resolve("software");
    Files.createDirectories(software.resolve("runtime/bin"));
    Files.createDirectories(software.resolve("runtime/lib/server"));
    Files.createDirectories(software.resolve("bin"));
    Path sh = Path.of("/bin/sh").toRealPath();
    Files.copy(sh, software.resolve("runtime/bin/java"));
    Files.copy(sh, software.resolve("runtime/lib/server/libjvm.so"));
    Files.writeString(software.resolve("bin/dormouse"), "#!/bin/sh\n");
    Path kernel = Files.writeString(folder.resolve("bzImage"), "kernel");
    Path saver = Files.writeString(folder.resolve("saver"), "initramfs of the saver");
    Path boot = Files.writeString(folder.resolve("boot"), "initramfs of every boot");
    return new GuestSoftware(kernel, saver, boot, BUSYBOX, software);
  }

  private static String debugfs(Path disk, String request) throws Exception {
    return HostCommand.check(List.of("/sbin/debugfs", "-R", request, disk.toString()));
  }

  @Test
  void theRootDiskHoldsWhatAGuestNeeds() throws Exception {
    Path disk = folder.resolve("root.img");
    Path classes = folder.resolve("classes");
    Path workload = classes.resolve("org/dormouse/lab/workload");
    Files.createDirectories(workload);
    Files.writeString(workload.resolve("Workload.class"), "class");
    new GuestRoot(software(), classes).writeTo(disk);

    assertThat(HostCommand.run(List.of("/sbin/e2fsck", "-fn", disk.toString())).status()).isZero();
    assertThat(debugfs(disk, "stat /sbin/init")).contains("Mode:  0755");
    assertThat(debugfs(disk, "stat /bin/sh")).contains("Fast link dest: \"busybox\"");
    assertThat(debugfs(disk, "cat /boot/vmlinuz")).endsWith("kernel");
    assertThat(debugfs(disk, "cat /boot/dormouse-saver.img")).endsWith("initramfs of the saver");
    assertThat(debugfs(disk, "stat " + GuestRoot.DORMOUSE_HOME + "/runtime/bin/java"))
        .contains("Type: regular");
    assertThat(debugfs(disk, "stat /lib64/ld-linux-x86-64.so.2")).contains("Type: regular");
    assertThat(
            debugfs(
                disk,
                "stat " + GuestRoot.LAB_HOME + "/classes/org/dormouse/lab/workload/Workload.class"))
        .contains("Type: regular");
    try (var left = Files.list(folder)) {
      assertThat(left).noneMatch(path -> path.getFileName().toString().startsWith("root1"));
    }
  }

  @Test
  void anEmptyDiskTakesNoRoom() throws Exception {
    Path disk = folder.resolve("empty.img");
    GuestRoot.writeEmptyDisk(disk, 1L << 30);
    assertThat(Files.size(disk)).isEqualTo(1L << 30);
    assertThat((long) (int) Files.getAttribute(disk, "unix:nlink")).isEqualTo(1);
    assertThat(HostCommand.check(List.of("stat", "-c", "%b", disk.toString())))
        .satisfies(blocks -> assertThat(Long.parseLong(blocks)).isLessThan(1000));
  }
}
