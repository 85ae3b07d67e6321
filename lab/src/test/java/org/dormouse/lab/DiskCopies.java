package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dormouse.lab.guest.HostCommand;
import org.dormouse.lab.qemu.Disk;

/**
 * A machine's disks as they were at one moment: what came later is compared with them, and they are
 * put back for another try.
 */
final class DiskCopies {
  private final Map<Path, Path> copies = new LinkedHashMap<>();

  private DiskCopies() {}

  /** Copies disks that no machine has. */
  static DiskCopies of(List<Disk> disks) throws IOException, InterruptedException {
    DiskCopies made = new DiskCopies();
    for (Disk disk : disks) {
      Path copy = disk.file().resolveSibling("copy-of-" + disk.file().getFileName());
      copy(disk.file(), copy);
      made.copies.put(disk.file(), copy);
    }
    return made;
  }

  /** Puts all of them back. */
  void putBack() throws IOException, InterruptedException {
    for (Path disk : copies.keySet()) {
      putBack(disk);
    }
  }

  /** Puts {@code length} bytes back that begin at {@code offset}, and no others. */
  void putBack(Path disk, long offset, int length) throws IOException {
    try (FileChannel from = FileChannel.open(copies.get(disk), StandardOpenOption.READ);
        FileChannel to = FileChannel.open(disk, StandardOpenOption.WRITE)) {
      assertThat(from.transferTo(offset, length, to.position(offset))).isEqualTo(length);
    }
  }

  /** Puts one back. */
  void putBack(Path disk) throws IOException, InterruptedException {
    copy(copies.get(disk), disk);
  }

  /** Fails if a byte of the disk is not as it was, from this one on. */
  void checkUnchanged(Path disk, long from) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment then = map(copies.get(disk), arena);
      MemorySegment now = map(disk, arena);
      long first = now.asSlice(from).mismatch(then.asSlice(from));
      assertThat(first)
          .as("first byte of %s, counted from %d, that changed", disk, from)
          .isEqualTo(-1);
    }
  }

  /** A copy that takes no more room than the disk does. */
  static void copy(Path from, Path to) throws IOException, InterruptedException {
    HostCommand.check(List.of("cp", "--sparse=always", from.toString(), to.toString()));
  }

  private static MemorySegment map(Path file, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    }
  }
}
