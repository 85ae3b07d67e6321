package org.dormouse.sleep;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import org.dormouse.boot.BootFormatException;
import org.dormouse.boot.ElfCoreHeaders;
import org.dormouse.image.Image;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageProgress;
import org.dormouse.image.ImageProgress.Stage;
import org.dormouse.image.ImageState;
import org.dormouse.image.ImageWriter;
import org.dormouse.image.PipelineSize;
import org.dormouse.image.WayBack;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.linux.Processor;
import org.dormouse.linux.VmcoreFile;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.store.BlockStore;
import org.dormouse.vmcore.VmcoreWindow;

/** In the saver kernel: writes the original kernel's memory into the store that waits for it. */
public final class Save {
  /** Enough for the ELF headers of a thousand pieces of memory. */
  private static final long HEADER_BYTES = 64L << 10;

  private final Journal journal;

  /** Tells {@code journal} how it goes. */
  public Save(Journal journal) {
    this.journal = journal;
  }

  /**
   * Saves. When it returns the image is complete and durable.
   *
   * @param jumpBackEntry physical address at which the original kernel goes on
   * @throws SleepException if there is no such store
   * @throws IOException if memory cannot be read or the store cannot be written; there is no image
   *     then
   */
  public void run(SaverTask.Save task, long jumpBackEntry)
      throws SleepException, IOException, InterruptedException {
    journal.stage("save");
    Path device = findStore(task);
    ImageProgress progress = new ImageProgress();
    try (BlockStore store = BlockStore.forWriting(device);
        VmcoreFile vmcore = VmcoreFile.open()) {
      List<VmcoreWindow> windows = windows(vmcore);
      ImageHeader claimed = Image.header(store);
      WayBack way = claimed.wayBack();
      WayBack wayBack =
          new WayBack(way.saverRegion(), way.lowMemory(), jumpBackEntry, way.pagingLevels());
      PipelineSize size = PipelineSize.of(Processor.read().online());
      try (ImageWriter writer =
          ImageWriter.begin(store, claimed.origin(), wayBack, size, progress)) {
        for (VmcoreWindow window : windows) {
          save(writer, vmcore, window);
        }
        checkCanBeResumed(progress.pagesMoved(), task.mostPages());
        journal.stage("commit");
        report(writer.finish(), progress);
      }
    }
  }

  /** The windows through which the original kernel's memory is seen. */
  static List<VmcoreWindow> windows(VmcoreFile vmcore) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return VmcoreWindow.of(ElfCoreHeaders.parse(vmcore.start(HEADER_BYTES, arena)));
    } catch (BootFormatException e) {
      throw new IOException("the original kernel's memory: " + e.getMessage(), e);
    }
  }

  /**
   * The last moment at which a sleep can be called off: an image that has no room beside the resume
   * kernel would be lost.
   */
  private static void checkCanBeResumed(long pages, long most) throws SleepException {
    if (pages > most) {
      throw new SleepException(
          String.format(
              "the image has %s, and the resume kernel has room for %s",
              Quantity.bytes(Pages.address(pages)), Quantity.bytes(Pages.address(most))),
          "There is no image; the original kernel goes on.",
          "End programs that use memory, and try again.");
    }
  }

  private static void save(ImageWriter writer, VmcoreFile vmcore, VmcoreWindow window)
      throws IOException, InterruptedException {
    PageRange pages = window.pages();
    try (Arena arena = Arena.ofShared()) {
      writer.save(pages, vmcore.map(window.fileOffset(), pages.bytes(), arena));
    }
  }

  private static Path findStore(SaverTask.Save task) throws SleepException, IOException {
    return Stores.find(
            task.store(),
            header ->
                header.state() == ImageState.WRITING
                    && header.origin().image().equals(task.image()))
        .orElseThrow(
            () ->
                new SleepException(
                    "no device of the saver kernel waits for image " + task.image(),
                    "Nothing was written.",
                    "The saver kernel may lack the driver for " + task.store() + "."));
  }

  private void report(ImageHeader header, ImageProgress progress) throws IOException {
    journal.fact("image_bytes", header.body().imageBytes());
    journal.fact("pages_saved", header.body().savedPages());
    journal.fact("pages_seen", progress.pagesSeen());
    journal.fact("saver_free_bytes", MemoryInfo.read().free());
    journal.seconds("read_s", progress.time(Stage.SCAN).toNanos());
    journal.seconds("compress_s", progress.time(Stage.COMPRESS).toNanos());
    journal.seconds("write_s", progress.time(Stage.WRITE).toNanos());
    journal.say(
        "saved "
            + Quantity.bytes(Pages.address(header.body().savedPages()))
            + " in "
            + Quantity.bytes(header.body().imageBytes()));
  }
}
