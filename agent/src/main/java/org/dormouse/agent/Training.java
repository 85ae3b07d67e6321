package org.dormouse.agent;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.dormouse.linux.CommandLine;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.linux.Processor;
import org.dormouse.sleep.Journal;
import org.dormouse.sleep.RoundTrip;
import org.dormouse.store.BlockStore;

/**
 * Does, at build time, what a saver does in either direction: a small memory goes into an image in
 * a file, and out again. The Java run-time notes which classes and links that takes, so that in the
 * saver, where it counts, they are there at once.
 */
public final class Training {
  private Training() {}

  /**
   * Runs once.
   *
   * @param folder of a disk: the store is a file there
   */
  public static void run(Path folder, Journal journal) throws IOException, InterruptedException {
    journal.stage("train");
    Path file = Files.createTempFile(folder, "training", ".image");
    try (Arena arena = Arena.ofShared()) {
      try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
        channel.position(RoundTrip.STORE_BYTES - 1);
        channel.write(ByteBuffer.allocate(1));
      }
      try (BlockStore store = BlockStore.forWriting(file)) {
        RoundTrip.run(store, arena, journal);
      }
    } finally {
      Files.delete(file);
    }
    CommandLine.running();
    Processor.read();
    journal.fact("total_bytes", MemoryInfo.read().total());
  }
}
