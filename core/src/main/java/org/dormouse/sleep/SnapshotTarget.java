package org.dormouse.sleep;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.function.LongConsumer;
import org.dormouse.convert.ExportImage;
import org.dormouse.convert.ImageCore;
import org.dormouse.linux.BlockDevices;
import org.dormouse.memory.Pages;
import org.dormouse.store.BlockStore;
import org.dormouse.store.Store;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/** Where a snapshot goes to, and how it gets there once it has been taken. */
sealed interface SnapshotTarget {
  /** How much is copied at once, in bytes. */
  int COPY_BYTES = 4 << 20;

  /** A block device of its own, onto which the saver writes the image. */
  record Device(Path path) implements SnapshotTarget {}

  /** A file that is still to be made. */
  record NewFile(Path path, Snapshot.Format format) implements SnapshotTarget {}

  /** A pipe, or a device that takes bytes as they come. */
  record Stream(Path path) implements SnapshotTarget {}

  /**
   * Looks at what is there. Changes nothing.
   *
   * @throws ReportException if nothing can be written there
   */
  static SnapshotTarget of(Path out, Snapshot.Format format) throws IOException {
    if (!Files.exists(out)) {
      checkCanBeMade(out);
      return new NewFile(out, format);
    }
    BasicFileAttributes there = Files.readAttributes(out, BasicFileAttributes.class);
    if (!there.isOther()) {
      throw new ReportException(
          out + " exists already",
          "Nothing was changed; the machine goes on.",
          "Name another file, or remove it.");
    }
    if (!(format instanceof Snapshot.Format.Image)) {
      throw new ReportException(
          out
              + " is no place for a dump of this format, which is not written from its beginning on",
          "Nothing was changed; the machine goes on.",
          "Name a file, or take it as an image: --format image.");
    }
    return BlockDevices.isBlockDevice(out) ? new Device(out) : new Stream(out);
  }

  private static void checkCanBeMade(Path out) throws IOException {
    try {
      Files.createFile(out);
      Files.delete(out);
    } catch (IOException e) {
      throw new ReportException(
          new Report(
              "cannot make " + out + ": " + e,
              "Nothing was changed; the machine goes on.",
              "Name a file in a folder that can be written."),
          e);
    }
  }

  /**
   * Writes an image there that lies elsewhere.
   *
   * @param bytes how long it is
   * @param written is told, by any thread, how many further bytes have been written
   */
  static void write(SnapshotTarget target, Store image, long bytes, LongConsumer written)
      throws IOException, InterruptedException {
    switch (target) {
      case Device device -> throw new IllegalStateException(device + " has it already");
      case Stream(Path path) -> {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
          copy(image, bytes, (_, part) -> writeAll(channel, part), written);
        } catch (IOException e) {
          throw broken(path, e);
        }
      }
      case NewFile(Path path, Snapshot.Format.Image _) -> {
        boolean done = false;
        try (BlockStore file = BlockStore.create(path, bytes)) {
          copy(image, bytes, file::write, written);
          file.flush();
          done = true;
        } finally {
          if (!done) {
            Files.deleteIfExists(path);
          }
        }
      }
      case NewFile(Path path, Snapshot.Format.Dump(ExportImage.Format format)) -> {
        try (ImageCore core = ImageCore.open(image);
            ExportImage export = new ExportImage(core)) {
          int threads = Runtime.getRuntime().availableProcessors();
          export.write(path, format, threads, pages -> written.accept(Pages.address(pages)));
        }
      }
    }
  }

  /** Takes a part of an image. */
  interface Sink {
    void write(long offset, MemorySegment part) throws IOException;
  }

  private static void copy(Store image, long bytes, Sink sink, LongConsumer written)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(COPY_BYTES, Store.ALIGNMENT);
      for (long at = 0; at < bytes; at += COPY_BYTES) {
        MemorySegment part = buffer.asSlice(0, Math.min(COPY_BYTES, bytes - at));
        image.read(at, part);
        sink.write(at, part);
        written.accept(part.byteSize());
      }
    }
  }

  private static void writeAll(FileChannel channel, MemorySegment part) throws IOException {
    ByteBuffer buffer = part.asByteBuffer();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static ReportException broken(Path path, IOException e) {
    return e instanceof ReportException told
        ? told
        : new ReportException(
            new Report(
                "cannot write " + path + ": " + e.getMessage(),
                "The snapshot is lost; the machine goes on.",
                "See whether whoever reads there still does."),
            e);
  }
}
