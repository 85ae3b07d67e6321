package org.dormouse.dump;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.dormouse.convert.CoreCensus;
import org.dormouse.fuzz.Bounds;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.memory.Pages;

/** What fuzz targets do with a file of another program's: all that the commands do. */
final class DumpLook {
  /** So far a set of pages has blocks of 32 KiB, one for each load that is far from the others. */
  private static final long ROOM = Pages.pfn(256L << 30);

  /** So many pages are read of one file. */
  private static final long MOST_READ = 512;

  private final Path file;

  private DumpLook(Path file) {
    this.file = file;
  }

  /** Looks at a file that is written again and again. */
  static DumpLook in(String name) {
    try {
      Path file = Files.createTempFile("dormouse-fuzz-" + name, ".dump");
      file.toFile().deleteOnExit();
      return new DumpLook(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The file, with this at the beginning and a hole behind. */
  Path write(ByteBuffer start, long length) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
      start.limit((int) Math.min(start.limit(), length));
      while (start.hasRemaining()) {
        channel.write(start);
      }
      if (length > channel.size()) {
        channel.write(ByteBuffer.allocate(1), length - 1);
      }
    }
    return file;
  }

  /** Looks at all that the opened file says, and closes it. */
  void at(CoreFile opened) throws IOException {
    try (CoreFile core = opened;
        Arena arena = Arena.ofShared()) {
      assertThat(core.ram()).isNotEmpty().isSorted();
      core.description().vmcoreInfoText().ifPresent(text -> assertThat(text).isNotNull());
      assertThat(CoreDescription.of(core.description().lines()).loads()).isNotNull();
      CoreNotes.physBase(core.description());
      if (core.ram().getLast().end() > ROOM) {
        return;
      }
      CoreFile.Presence presence = core.presence(arena);
      PageSet both = presence.stored().copy(arena);
      both.retainAll(presence.zero());
      assertThat(both.count()).isZero();
      read(core.frames(), presence.stored());
      CoreCensus.of(core, arena, 1, pages -> {}).unknown().ifPresent(Bounds::checkLine);
    }
  }

  private static void read(Frames frames, PageSet stored) throws IOException {
    long left = MOST_READ;
    PageRange run = stored.nextRun(0);
    while (!run.isEmpty() && left > 0) {
      long windowEnd = Pages.alignUp(run.start() + 1, Frames.WINDOW_PAGES);
      PageRange some =
          new PageRange(run.start(), Math.min(Math.min(run.end(), windowEnd), run.start() + left));
      try (Frames.Lease lease = frames.lease(some)) {
        assertThat(lease.memory().byteSize()).isEqualTo(some.bytes());
      }
      left -= some.count();
      run = stored.nextRun(some.end());
    }
  }
}
