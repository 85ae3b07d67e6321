package org.dormouse.lab.guest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.dormouse.cli.FileDigest;
import org.dormouse.initramfs.Folders;
import org.dormouse.initramfs.Initramfs;

/**
 * Makes a guest's disks on the host: an ext4 root that holds busybox, Dormouse and the workload,
 * and an empty one for the image. It needs no root rights and mounts nothing: {@code mke2fs -d}
 * fills a file system from a folder.
 */
public final class GuestRoot {
  /** Where Dormouse is in the guest. */
  public static final String DORMOUSE_HOME = "/usr/lib/dormouse";

  /** Where the laboratory's own programs are in the guest. */
  public static final String LAB_HOME = "/usr/lib/dormouse-lab";

  private static final String WORKLOAD = "/org/dormouse/lab/workload";

  /** A power of two, as SD cards are. */
  private static final long ROOT_BYTES = 512L << 20;

  /** A library as {@code ldd} prints it: {@code libm.so.6 => /lib/…/libm.so.6 (0x…)}. */
  private static final Pattern LIBRARY = Pattern.compile("(?m)(?:=> |^\\s*)(/\\S+) \\(0x");

  private final GuestSoftware software;
  private final Path labClasses;

  /**
   * @param labClasses a folder or a jar; of its class files, those of the workload go to {@link
   *     #LAB_HOME}
   */
  public GuestRoot(GuestSoftware software, Path labClasses) {
    this.software = software;
    this.labClasses = labClasses;
  }

  /**
   * Makes the root disk.
   *
   * @param disk the file to make
   */
  public void writeTo(Path disk) throws IOException, InterruptedException {
    Path scratch = Files.createTempDirectory(disk.toAbsolutePath().getParent(), "root");
    try {
      StagedFolder staged = new StagedFolder(scratch.resolve("tree"));
      stageSystem(staged);
      stageDormouse(staged);
      stageLab(staged);
      makeFileSystem(staged.root(), disk);
    } finally {
      Folders.delete(scratch);
    }
  }

  /** Makes an empty disk that takes no room on the host until it is written to. */
  public static void writeEmptyDisk(Path disk, long bytes) throws IOException {
    Files.deleteIfExists(disk);
    try (FileChannel channel =
        FileChannel.open(
            disk,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      channel.write(ByteBuffer.allocate(1), bytes - 1);
    }
  }

  private void stageSystem(StagedFolder staged) throws IOException, InterruptedException {
    for (String folder : List.of("dev", "proc", "sys", "tmp", "run", "root", "mnt", "var/lib")) {
      staged.folder("/" + folder);
    }
    staged.file("/bin/busybox", software.busybox());
    for (String applet : applets()) {
      staged.symbolicLink("/bin/" + applet, "busybox");
    }
    staged.file("/sbin/kexec", Initramfs.DEBIAN_KEXEC);
    staged.symbolicLink("/usr/bin", "../bin");
    staged.symbolicLink("/usr/sbin", "../sbin");
    staged.script("/sbin/init", "init.sh");
    staged.script("/sbin/switch-off", "switch-off.sh");
    staged.text("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
    staged.text("/etc/group", "root:x:0:\n");
    staged.text("/etc/hosts", "127.0.0.1 localhost guest\n");
    staged.text("/etc/hostname", "guest\n");
    staged.script("/etc/profile", "profile.sh");
  }

  private NavigableSet<String> applets() throws IOException, InterruptedException {
    String list = HostCommand.check(List.of(software.busybox().toString(), "--list"));
    NavigableSet<String> applets = new TreeSet<>(list.lines().toList());
    applets.removeAll(List.of("busybox", "init", "linuxrc"));
    return applets;
  }

  private void stageDormouse(StagedFolder staged) throws IOException, InterruptedException {
    staged.tree(DORMOUSE_HOME, software.software());
    for (String library : libraries()) {
      staged.file(library, Path.of(library));
    }
    stageWithDigest(staged, "/boot/vmlinuz", software.kernel());
    stageWithDigest(staged, "/boot/dormouse-saver.img", software.saverInitramfs());
    staged.symbolicLink("/boot/dormouse.img", "dormouse-saver.img");
  }

  /** The digest takes an emulated machine seconds; a person's machine notes it where it is made. */
  private static void stageWithDigest(StagedFolder staged, String path, Path file)
      throws IOException {
    staged.file(path, file);
    staged.text(path + ".sha256", FileDigest.of(file) + "  " + path + "\n");
  }

  /** The shared libraries of the host that the Java runtime and kexec are linked with. */
  private NavigableSet<String> libraries() throws IOException, InterruptedException {
    Path runtime = software.software().resolve("runtime");
    String listed =
        HostCommand.check(
            List.of(
                "ldd",
                runtime.resolve("bin/java").toString(),
                runtime.resolve("lib/server/libjvm.so").toString(),
                Initramfs.DEBIAN_KEXEC.toString()));
    NavigableSet<String> libraries = new TreeSet<>();
    LIBRARY.matcher(listed).results().map((MatchResult r) -> r.group(1)).forEach(libraries::add);
    libraries.removeIf(library -> Path.of(library).startsWith(runtime));
    return libraries;
  }

  private void stageLab(StagedFolder staged) throws IOException {
    if (Files.isDirectory(labClasses)) {
      staged.tree(LAB_HOME + "/classes" + WORKLOAD, labClasses.resolve(WORKLOAD.substring(1)));
    } else {
      try (FileSystem jar = FileSystems.newFileSystem(labClasses)) {
        staged.tree(LAB_HOME + "/classes" + WORKLOAD, jar.getPath(WORKLOAD));
      }
    }
    staged.script(LAB_HOME + "/ask", "ask.sh");
    staged.script(LAB_HOME + "/counter", "counter.sh");
    staged.script(LAB_HOME + "/peer", "peer.sh");
    staged.script(LAB_HOME + "/workload", "workload.sh");
    staged.script(LAB_HOME + "/use-memory", "use-memory.sh");
    staged.script(LAB_HOME + "/kernel-hibernate", "kernel-hibernate.sh");
    staged.script(LAB_HOME + "/state", "state.sh");
  }

  private static void makeFileSystem(Path tree, Path disk)
      throws IOException, InterruptedException {
    writeEmptyDisk(disk, ROOT_BYTES);
    HostCommand.check(
        List.of(
            "/sbin/mke2fs",
            "-q",
            "-F",
            "-t",
            "ext4",
            "-b",
            "4096",
            "-m",
            "0",
            "-L",
            "dormouse-root",
            "-E",
            "root_owner=0:0,lazy_itable_init=1,lazy_journal_init=1",
            "-d",
            tree.toString(),
            disk.toString()));
  }
}
