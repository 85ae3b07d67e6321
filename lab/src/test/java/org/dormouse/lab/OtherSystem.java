package org.dormouse.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.qemu.Disk;
import org.dormouse.lab.qemu.MachineOptions;

/**
 * Another system on a scenario's machine: it has a root disk of its own, behind the others, so that
 * it does not touch what the first one has mounted, and leaves images alone.
 */
final class OtherSystem {
  private static final String SERIAL = "other-root";

  private OtherSystem() {}

  /** The machine as it starts that system. */
  static MachineOptions of(Scenario scenario) throws IOException, InterruptedException {
    Path root = scenario.rootDisk().resolveSibling("other-root.img");
    if (!Files.exists(root)) {
      DiskCopies.copy(scenario.rootDisk(), root);
    }
    MachineOptions machine = scenario.options().withDisk(new Disk(root, SERIAL));
    String own = "root=" + scenario.rootDevice() + " ";
    String other = "root=" + machine.deviceOf(SERIAL) + " noresume ";
    return machine.withAppend(scenario.options().append().replace(own, other));
  }
}
