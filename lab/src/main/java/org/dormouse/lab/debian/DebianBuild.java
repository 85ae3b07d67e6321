package org.dormouse.lab.debian;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.dormouse.initramfs.Folders;
import org.dormouse.lab.guest.GuestRoot;
import org.dormouse.lab.setup.CacheFolder;
import org.dormouse.lab.setup.ContentKey;
import org.dormouse.lab.setup.Kernel;
import org.dormouse.lab.setup.Reporter;
import org.dormouse.lab.setup.SetupException;
import org.dormouse.lab.setup.Tool;

/**
 * Makes a Debian's disk on the host: a GPT with the boot loader's partition and the root. Nothing
 * is mounted; the file systems are filled by the programs that make them.
 */
public final class DebianBuild {
  private static final String LAB_HOME = "/usr/lib/dormouse-lab/";
  private static final String SYSTEM_UNITS = "/etc/systemd/system/";
  private static final String KERNEL_PACKAGE = "/kernel.deb";
  private static final String CONFIGURE = "configure.sh";

  /** A page: the kernel's {@code include/linux/swap.h}, {@code union swap_header}. */
  private static final int SWAP_HEADER_BYTES = 4096;

  /** What makes a disk: the same parts give another one if it has changed. */
  private static final List<Class<?>> MAKERS =
      List.of(
          DebianBuild.class,
          Making.class,
          BiosBoot.class,
          LuksVolume.class,
          VolumeGroup.class,
          XtsSectors.class);

  /** The laboratory's files in a Debian: path and resource. */
  private static final Map<String, String> PROGRAMS =
      Map.of(
          LAB_HOME + "pulse", "pulse.sh",
          LAB_HOME + "work", "work.sh",
          LAB_HOME + "finish", "finish.sh",
          LAB_HOME + "count", "count.sh",
          LAB_HOME + "write-numbers", "write-numbers.sh",
          LAB_HOME + "state", "state.sh",
          SYSTEM_UNITS + "lab-shell.service", "lab-shell.service",
          SYSTEM_UNITS + "lab-pulse.service", "lab-pulse.service");

  private final CacheFolder cache;
  private final Reporter reporter;

  /**
   * @param reporter is told about what has to be made
   */
  public DebianBuild(CacheFolder cache, Reporter reporter) {
    this.cache = cache;
    this.reporter = reporter;
  }

  /** Refuses what cannot be done on this machine, before anything else is built for it. */
  public void check() throws SetupException {
    if (!new DebianBase(cache, reporter).isMade()) {
      DebianBase.checkPossible();
    }
  }

  /** The disk, from the cache if it is there. */
  public DebianFiles files(DebianRecipe recipe) throws SetupException {
    Path base = new DebianBase(cache, reporter).archive();
    try {
      Path folder =
          cache
              .shelf(recipe.name())
              .get(key(recipe, base), (product, scratch) -> make(recipe, base, product, scratch));
      return DebianFiles.in(folder);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private static String key(DebianRecipe recipe, Path base) throws IOException {
    ContentKey key =
        new ContentKey()
            .add(base.getParent().getFileName().toString())
            .add(recipe.kernel().image())
            .add(DebianDisk.of(recipe.layout()).toString())
            .add(resource(CONFIGURE));
    MAKERS.forEach(key::add);
    for (String program : PROGRAMS.values().stream().sorted().toList()) {
      key.add(resource(program));
    }
    return key.name();
  }

  private void make(DebianRecipe recipe, Path base, Path product, Path scratch)
      throws SetupException {
    DebianBase.checkPossible();
    Path log = cache.log("debian-disk");
    reporter.step(
        "Debian 12: a disk with " + recipe.describe(),
        () -> {
          try {
            Files.deleteIfExists(log);
            new Making(
                    recipe, product, scratch, new Tool(scratch, log, Map.of("LC_ALL", "C.UTF-8")))
                .make(base);
            return log;
          } catch (IOException e) {
            throw failure(e);
          }
        });
  }

  private static SetupException failure(IOException e) {
    return new SetupException(
        "the Debian's disk could not be made: " + e.getMessage(),
        "What was begun has been deleted.",
        "Free some space in the cache folder, if it is that (3 GiB are enough);\n"
            + "otherwise this is a bug to report.",
        e);
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = DebianBuild.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("the resource " + name + " is not in this build");
      }
      return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  /** One disk while it is being made. */
  private static final class Making {
    private final DebianRecipe recipe;
    private final DebianDisk layout;
    private final DebianFiles files;
    private final Path tree;
    private final Path scratch;
    private final Tool tool;

    Making(DebianRecipe recipe, Path product, Path scratch, Tool tool) {
      this.recipe = recipe;
      this.layout = DebianDisk.of(recipe.layout());
      this.files = DebianFiles.in(product);
      this.tree = scratch.resolve("tree");
      this.scratch = scratch;
      this.tool = tool;
    }

    void make(Path base) throws SetupException, IOException {
      Files.createDirectory(tree);
      tool.run(List.of("tar", "-C", tree.toString(), "-xf", base.toString()));
      addFiles();
      configure();
      partition();
      if (recipe.layout() == DebianLayout.GRUB) {
        embedGrub();
      } else {
        makeEsp();
      }
      if (layout.boot().isPresent()) {
        makeBoot(layout.boot().get());
      }
      if (recipe.layout().isEncrypted()) {
        makeEncryptedRoot();
      } else {
        makeExt4("debian", tree, files.disk(), layout.root().offset(), layout.root().bytes());
      }
    }

    private void addFiles() throws SetupException, IOException {
      switch (recipe.kernel()) {
        case DebianKernel.Built(Kernel kernel) -> {
          Files.copy(kernel.image(), at("/boot/vmlinuz-" + kernel.release()));
          Files.copy(kernel.config(), at("/boot/config-" + kernel.release()));
        }
        case DebianKernel.Packaged(Path file, String _, Optional<Path> _) ->
            Files.copy(file, at(KERNEL_PACKAGE));
      }
      for (Map.Entry<String, String> program : PROGRAMS.entrySet()) {
        boolean unit = program.getKey().endsWith(".service");
        Path file = at(program.getKey());
        Files.writeString(file, resource(program.getValue()));
        Files.setPosixFilePermissions(
            file, PosixFilePermissions.fromString(unit ? "rw-r--r--" : "rwxr-xr-x"));
      }
      Path key = files.sshKey();
      tool.run(List.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString()));
      Files.move(key.resolveSibling(key.getFileName() + ".pub"), at("/root/.ssh/authorized_keys"));
    }

    private Path at(String path) throws IOException {
      Path file = tree.resolve(path.substring(1));
      Files.createDirectories(file.getParent());
      return file;
    }

    private void configure() throws SetupException, IOException {
      Files.writeString(at("/" + CONFIGURE), resource(CONFIGURE));
      tool.run(
          List.of(
              "chroot",
              tree.toString(),
              "/usr/bin/env",
              "RELEASE=" + recipe.kernel().release(),
              "LAYOUT=" + recipe.layout().word(),
              "ROOT_PART=" + layout.root().uuid(),
              "LOADER_PART=" + layout.loader().uuid(),
              "BOOT_PART=" + layout.boot().map(Partition::uuid).orElse(""),
              "LUKS=" + DebianFiles.LUKS_UUID,
              "SWAP=" + DebianFiles.SWAP_UUID,
              "/bin/sh",
              "/" + CONFIGURE));
      Files.delete(at("/" + CONFIGURE));
      Files.deleteIfExists(at(KERNEL_PACKAGE));
    }

    private void partition() throws SetupException, IOException {
      GuestRoot.writeEmptyDisk(files.disk(), layout.diskBytes());
      Path script = scratch.resolve("partitions");
      Files.writeString(script, layout.sfdiskScript());
      tool.run(
          List.of(
              "/bin/sh",
              "-euc",
              "/sbin/sfdisk --quiet \"$1\" <\"$2\"",
              "sfdisk",
              files.disk().toString(),
              script.toString()));
    }

    /** The content is what the tree has at its mount point. */
    private void makeEsp() throws SetupException, IOException {
      Partition esp = layout.loader();
      tool.run(
          List.of(
              "/sbin/mkfs.vfat",
              // What it would choose fits the whole disk.
              "-F",
              "32",
              "-s",
              "1",
              "-n",
              "ESP",
              "--offset=" + esp.firstSector(),
              files.disk().toString(),
              String.valueOf(esp.bytes() >> 10)));
      Path content = tree.resolve("boot/efi");
      tool.run(
          List.of(
              "/bin/sh",
              "-euc",
              "cd \"$1\" && mcopy -s -i \"$2\" * ::",
              "mcopy",
              content.toString(),
              files.disk() + "@@" + esp.offset()));
      empty(content);
    }

    private static void empty(Path folder) throws IOException {
      Folders.delete(folder);
      Files.createDirectory(folder);
    }

    private void makeBoot(Partition boot) throws SetupException, IOException {
      Path content = tree.resolve("boot");
      makeExt4("boot", content, files.disk(), boot.offset(), boot.bytes());
      empty(content);
    }

    private void embedGrub() throws IOException {
      BiosBoot boot =
          BiosBoot.of(
              Files.readAllBytes(tree.resolve("usr/lib/grub/i386-pc/boot.img")),
              Files.readAllBytes(tree.resolve("boot/grub/i386-pc/core.img")),
              layout.loader());
      try (FileChannel disk = FileChannel.open(files.disk(), StandardOpenOption.WRITE)) {
        disk.write(boot.firstSector(), 0);
        disk.write(boot.core(), layout.loader().offset());
      }
    }

    private void makeExt4(String label, Path content, Path file, long offset, long bytes)
        throws SetupException {
      tool.run(
          List.of(
              "/sbin/mke2fs",
              "-q",
              "-F",
              "-t",
              "ext4",
              "-b",
              "4096",
              "-L",
              label,
              "-E",
              "root_owner=0:0,lazy_itable_init=1,lazy_journal_init=1,offset=" + offset,
              "-d",
              content.toString(),
              file.toString(),
              (bytes >> 10) + "k"));
    }

    private void makeEncryptedRoot() throws SetupException, IOException {
      Path plain = scratch.resolve("physical-volume.img");
      LuksVolume volume = files.volume();
      VolumeGroup group = volume.group();
      GuestRoot.writeEmptyDisk(plain, volume.bytes());
      makeExt4("debian", tree, plain, group.rootOffset(), group.rootBytes());
      makeSwap(plain, group);
      group.writeTo(plain);
      volume.make(plain, tool, scratch);
    }

    /** The first page is all that swap has to begin with: the program takes no offset. */
    private void makeSwap(Path plain, VolumeGroup group) throws SetupException, IOException {
      Path swap = scratch.resolve("swap.img");
      GuestRoot.writeEmptyDisk(swap, group.swapBytes());
      tool.run(List.of("/sbin/mkswap", "--uuid=" + DebianFiles.SWAP_UUID, swap.toString()));
      try (FileChannel from = FileChannel.open(swap, StandardOpenOption.READ);
          FileChannel to = FileChannel.open(plain, StandardOpenOption.WRITE)) {
        to.position(group.swapOffset());
        from.transferTo(0, SWAP_HEADER_BYTES, to);
      }
    }
  }
}
