package org.dormouse.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * {@code /proc/vmcore}: the memory of the kernel that started this one, as an ELF core file ({@code
 * fs/proc/vmcore.c}).
 */
public final class VmcoreFile implements AutoCloseable {
  private static final Path PATH = Path.of("/proc/vmcore");

  private final FileChannel channel;

  private VmcoreFile(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Opens it.
   *
   * @throws IOException if this kernel was not given the other one's ELF core headers
   */
  public static VmcoreFile open() throws IOException {
    return new VmcoreFile(FileChannel.open(PATH, StandardOpenOption.READ));
  }

  /**
   * The first bytes, where the ELF headers are.
   *
   * @param bytes how many; the file may have fewer
   */
  public MemorySegment start(long bytes, Arena arena) throws IOException {
    MemorySegment start = arena.allocate(Math.min(bytes, channel.size()));
    long done = 0;
    while (done < start.byteSize()) {
      int read = channel.read(start.asSlice(done).asByteBuffer(), done);
      if (read < 0) {
        throw new IOException(PATH + " ends at byte " + done);
      }
      done += read;
    }
    return start;
  }

  /**
   * Maps a part of the file to read it. The page tables are built at once, 8 bytes for each page.
   *
   * @param offset bytes from the start of the file, page aligned
   * @param arena unmaps it when closed
   */
  public MemorySegment map(long offset, long bytes, Arena arena) throws IOException {
    return channel.map(FileChannel.MapMode.READ_ONLY, offset, bytes, arena);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
