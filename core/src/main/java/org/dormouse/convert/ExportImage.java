package org.dormouse.convert;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.dormouse.dump.CoreContents;
import org.dormouse.dump.CoreFile;
import org.dormouse.dump.ElfCoreWriter;
import org.dormouse.dump.KdumpWriter;

/** Writes a dump for the tools of others: crash, drgn, gdb, makedumpfile. */
public final class ExportImage implements AutoCloseable {
  /** The kind of file. */
  public sealed interface Format {
    /** An ELF core, as {@code /proc/vmcore} is one. */
    record Elf() implements Format {}

    /**
     * A kdump-compressed file, as makedumpfile writes them.
     *
     * @param compression of each page
     */
    record Kdump(KdumpWriter.Compression compression) implements Format {}
  }

  private final Arena arena = Arena.ofShared();
  private final CoreContents contents;

  /**
   * Looks at what there is to write.
   *
   * @param core an image, or another dump; stays open as long as this is used
   */
  public ExportImage(CoreFile core) throws IOException {
    boolean looked = false;
    try {
      contents = CoreContents.of(core, arena);
      looked = true;
    } finally {
      if (!looked) {
        arena.close();
      }
    }
  }

  /** How many pages there are to write. */
  public long pages() {
    return contents.presence().stored().count() + contents.presence().zero().count();
  }

  /**
   * Writes the file.
   *
   * @param path where there is no file yet; after an error there is none either
   * @param progress is told, by any thread, how many further pages have been written
   */
  public void write(Path path, Format format, int threads, LongConsumer progress)
      throws IOException, InterruptedException {
    switch (format) {
      case Format.Elf _ -> ElfCoreWriter.write(contents, path, threads, progress);
      case Format.Kdump(KdumpWriter.Compression compression) ->
          KdumpWriter.write(
              contents, path, new KdumpWriter.Options(compression, threads, 0), progress);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
