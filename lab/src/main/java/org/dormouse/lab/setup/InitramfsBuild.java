package org.dormouse.lab.setup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dormouse.initramfs.Initramfs;

/** Packs the agent into the initramfs that every boot of a guest starts with. */
final class InitramfsBuild {
  private static final String FILE = "dormouse.img";

  private final StagedSoftware software;
  private final CacheFolder cache;
  private final Reporter reporter;

  InitramfsBuild(StagedSoftware software, CacheFolder cache, Reporter reporter) {
    this.software = software;
    this.cache = cache;
    this.reporter = reporter;
  }

  /** The file, from the cache if it is there. */
  Path initramfs() throws SetupException {
    if (!Files.isReadable(Initramfs.DEBIAN_BUSYBOX)) {
      throw new SetupException(
          "there is no " + Initramfs.DEBIAN_BUSYBOX,
          "Nothing has been changed.",
          "Install it: apt-get install --no-install-recommends busybox-static");
    }
    String key = new ContentKey().add(software.key()).add(Initramfs.DEBIAN_BUSYBOX).name();
    return cache.shelf("initramfs").get(key, this::build).resolve(FILE);
  }

  private void build(Path product, Path scratch) throws SetupException {
    reporter.step(
        "initramfs: pack",
        () -> {
          try {
            return Initramfs.saver(software.tree(), software.agent()).writeTo(product.resolve(FILE));
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
