package org.dormouse.initramfs;

import java.nio.file.Path;

/** What an initramfs has at a path. */
sealed interface Node {
  /** A folder, mode 755. */
  record Folder() implements Node {}

  /** A copy of a file of this machine. */
  record Copy(Path source, boolean executable) implements Node {}

  /** A file of the given bytes, mode 755. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Script(byte[] content) implements Node {}

  /** A symbolic link. */
  record Link(String target) implements Node {}

  /** A character device, mode 600. */
  record Device(int major, int minor) implements Node {}
}
