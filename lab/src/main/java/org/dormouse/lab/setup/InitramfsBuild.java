package org.dormouse.lab.setup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dormouse.initramfs.Initramfs;

/** Packs what the saver kernel, and what every boot of a guest starts with. */
final class InitramfsBuild {
  private static final String SAVER = "dormouse-saver.img";
  private static final String BOOT = "dormouse-boot.img";

  private final StagedSoftware software;
  private final CacheFolder cache;
  private final Reporter reporter;

  InitramfsBuild(StagedSoftware software, CacheFolder cache, Reporter reporter) {
    this.software = software;
    this.cache = cache;
    this.reporter = reporter;
  }

  /**
   * The two files.
   *
   * @param saver what the saver kernel unpacks
   * @param boot what every boot starts with
   */
  record Product(Path saver, Path boot) {}

  /** The files, from the cache if they are there. */
  Product initramfs() throws SetupException {
    check(Initramfs.DEBIAN_BUSYBOX, "busybox-static");
    check(Initramfs.DEBIAN_KEXEC, "kexec-tools");
    String key =
        new ContentKey()
            .add(software.key())
            .add(Initramfs.DEBIAN_BUSYBOX)
            .add(Initramfs.DEBIAN_KEXEC)
            .name();
    Path folder = cache.shelf("initramfs").get(key, this::build);
    return new Product(folder.resolve(SAVER), folder.resolve(BOOT));
  }

  private static void check(Path program, String debianPackage) throws SetupException {
    if (!Files.isReadable(program)) {
      throw new SetupException(
          "there is no " + program,
          "Nothing has been changed.",
          "Install it: apt-get install --no-install-recommends " + debianPackage);
    }
  }

  private void build(Path product, Path scratch) throws SetupException {
    reporter.step(
        "initramfs: pack",
        () -> {
          try {
            Initramfs.saver(software.tree(), software.agent()).writeTo(product.resolve(SAVER));
            return Initramfs.boot().writeTo(product.resolve(BOOT));
          } catch (IOException e) {
            throw new SetupException(
                "the initramfs could not be packed: " + e.getMessage(),
                "What was begun has been deleted.",
                "Free some space in " + cache.path() + ", or set XDG_CACHE_HOME to another folder.",
                e);
          }
        });
  }
}
