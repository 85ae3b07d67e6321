package org.dormouse.rebuild;

import java.nio.file.Path;

/**
 * Where things are in the folder that a kernel is built in.
 *
 * @param folder which it is
 * @param source what is built in it
 */
record BuildFolder(Path folder, KernelSource source) {
  /** The unpacked source, and what is compiled of it, beside its files. */
  Path tree() {
    return folder.resolve("tree-" + source.version());
  }

  /** What is being unpacked; it gets its own name when it is whole. */
  Path unpacking() {
    return folder.resolve("unpacking");
  }

  /** The configuration that is being made of ours. */
  Path configuration() {
    return tree().resolve(".config");
  }

  /** What {@link #configuration} was made from: the same again need not be made again. */
  Path stamp() {
    return folder.resolve("configured-" + source.version());
  }

  /** What is answered to the questions of {@code allnoconfig}. */
  Path answers() {
    return folder.resolve("answers");
  }

  /** The modules that are wanted, for {@code localmodconfig}. */
  Path modules() {
    return folder.resolve("modules");
  }

  /** The package's contents. */
  Path contents() {
    return folder.resolve("package");
  }

  /** What the programs said. */
  Path log() {
    return folder.resolve("build.log");
  }

  /** Held by the process that builds. */
  Path lock() {
    return folder.resolve("lock");
  }
}
