package org.dormouse.lab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.dormouse.cli.Installation;
import org.dormouse.initramfs.ExtraFile;
import org.dormouse.initramfs.Initramfs;
import org.dormouse.initramfs.Program;
import org.dormouse.initramfs.SoftwareTree;
import org.dormouse.lab.guest.GuestRoot;
import org.dormouse.lab.guest.GuestSoftware;
import org.dormouse.lab.qemu.Disk;

/**
 * A saver that dies as it is told: where its agent was there is a script, which starts the agent
 * and does the deed that stands on a disk of its own, once.
 *
 * @param software guests' software with this saver
 * @param plan has to be the machine's first disk
 */
record MortalSaver(GuestSoftware software, Disk plan) {
  private static final String SCRIPT = "mortal-agent.sh";
  private static final String LAUNCHER = GuestRoot.DORMOUSE_HOME + "/bin/agent";
  private static final int PLAN_BYTES = 1 << 20;
  private static final int LINE_BYTES = 512;

  /** What a saver can die of. */
  enum Deed {
    /** A signal as after an instruction that the processor does not have. */
    ILLEGAL,
    /** There is no more memory, and the kernel ends the agent. */
    MEMORY,
    /** The kernel panics, on its first CPU. */
    PANIC,
    /** The kernel makes a mistake, on its first CPU. */
    OOPS,
    /** The first CPU turns round and round, with interrupts off. */
    SPIN
  }

  /**
   * Before there is any Java; there will be none in that kernel. Other names are those of stages
   * that the saver tells.
   */
  static final String AT_START = "start";

  /** Packs it; nothing is planned yet. */
  static MortalSaver make(GuestSoftware software, Path folder) throws IOException {
    Path script = folder.resolve(SCRIPT);
    try (InputStream in = MortalSaver.class.getResourceAsStream(SCRIPT)) {
      Files.copy(in, script);
    }
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    Program agent = Installation.running().agent(folder);
    SoftwareTree tree = new SoftwareTree(software.software(), List.of(agent));
    Path launcher = software.software().resolve("bin").resolve(agent.name());
    Path initramfs = folder.resolve("mortal-saver.img");
    Initramfs.saver(tree, agent)
        .with(new ExtraFile(launcher, LAUNCHER + ".real"))
        .with(new ExtraFile(script, LAUNCHER))
        .writeTo(initramfs);
    Path plan = folder.resolve("plan.img");
    GuestRoot.writeEmptyDisk(plan, PLAN_BYTES);
    GuestSoftware mortal =
        new GuestSoftware(
            software.kernel(),
            initramfs,
            software.bootInitramfs(),
            software.busybox(),
            software.software());
    MortalSaver saver = new MortalSaver(mortal, new Disk(plan, "plan"));
    saver.lives();
    return saver;
  }

  /** It will die at this stage. */
  void diesAt(String stage, Deed deed) throws IOException {
    write(stage + " " + deed.name().toLowerCase(Locale.ROOT));
  }

  /** It will not die, whatever was planned. */
  void lives() throws IOException {
    write("none");
  }

  /** Whether it has done what was planned. */
  boolean hasDied() throws IOException {
    try (FileChannel channel = FileChannel.open(plan.file(), StandardOpenOption.READ)) {
      ByteBuffer line = ByteBuffer.allocate(LINE_BYTES);
      channel.read(line, 0);
      return new String(line.array(), StandardCharsets.UTF_8).startsWith("none\n");
    }
  }

  private void write(String line) throws IOException {
    byte[] bytes = new byte[LINE_BYTES];
    Arrays.fill(bytes, (byte) '\n');
    byte[] text = line.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(text, 0, bytes, 0, text.length);
    try (FileChannel channel = FileChannel.open(plan.file(), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes), 0);
    }
  }
}
