package org.dormouse.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dormouse.lab.guest.GuestSoftware;
import org.dormouse.lab.qemu.AcceleratorChoice;
import org.dormouse.lab.qemu.KvmProbe;
import org.dormouse.lab.qemu.MachineOptions;
import org.dormouse.lab.setup.CacheFolder;
import org.dormouse.lab.setup.ConsoleReporter;
import org.dormouse.lab.setup.Setup;
import org.dormouse.lab.setup.SetupException;

/**
 * What the tests with real machines stand on: the software that the set-up made, and a folder for
 * each test, whose disks and logs stay when it fails.
 *
 * @param software what guests are made from
 * @param accelerator what runs them
 */
record TestBed(GuestSoftware software, AcceleratorChoice accelerator) {
  private static final Path FOLDER = Path.of("target", "machines");

  /** Finds what the set-up made; makes what is missing. */
  static TestBed prepare() throws SetupException, IOException, InterruptedException {
    CacheFolder cache = CacheFolder.fromEnvironment();
    GuestSoftware software =
        new Setup(cache, ConsoleReporter.inLines(System.out)).provide().guestSoftware();
    return new TestBed(software, new KvmProbe(software.kernel(), cache.path()).choose());
  }

  /** A machine of 1 GiB and 2 CPUs with 5-level paging, where the host's QEMU can. */
  MachineOptions machine() {
    return MachineOptions.booting(software.kernel())
        .withMemoryBytes(1L << 30)
        .withCpus(2)
        .withCpuModel("max")
        .withAccelerator(accelerator.accelerator());
  }

  /** A folder of that name, empty. */
  Path folder(String name) throws IOException {
    Path folder = FOLDER.resolve(name).toAbsolutePath();
    if (Files.exists(folder)) {
      clear(folder);
    }
    return Files.createDirectories(folder);
  }

  /** Takes the disks of a test that went well away; the logs stay. */
  void tidy(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      for (Path disk : files.filter(file -> file.toString().endsWith(".img")).toList()) {
        Files.delete(disk);
      }
    }
  }

  private static void clear(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }
}
