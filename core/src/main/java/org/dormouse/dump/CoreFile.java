package org.dormouse.dump;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;

/** A file that holds a kernel's memory. Safe for use by several threads until closed. */
public interface CoreFile extends AutoCloseable {
  /**
   * Which pages a file has. What is RAM and in neither set was left out by whoever made it.
   *
   * @param stored pages whose contents are in the file
   * @param zero pages that hold nothing but zeros, so that they need not be read
   */
  record Presence(PageSet stored, PageSet zero) {}

  /**
   * Opens a dump of whatever kind.
   *
   * @throws CoreFormatException if it is of no kind that can be read
   */
  static CoreFile open(Path path) throws IOException {
    if (ElfCoreFile.isElf(path)) {
      return ElfCoreFile.open(path);
    }
    if (KdumpFile.isKdump(path)) {
      return KdumpFile.open(path);
    }
    throw new CoreFormatException(path + " is no ELF core and no kdump-compressed file");
  }

  /** What the file says of the kernel besides its memory. */
  CoreDescription description();

  /** The RAM that the file knows of, sorted, disjoint and not adjacent; whole pages only. */
  List<PageRange> ram();

  /**
   * Which pages of {@link #ram} the file has.
   *
   * @param arena owns the sets; shared, if several threads use them
   */
  Presence presence(Arena arena) throws IOException;

  /** Reaches every page that is present. A page that is not is an error, or zeros. */
  Frames frames();

  @Override
  void close() throws IOException;
}
