package org.dormouse.convert;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongConsumer;
import org.dormouse.codec.Aead;
import org.dormouse.dump.CoreDescription;
import org.dormouse.dump.CoreFile;
import org.dormouse.image.Image;
import org.dormouse.image.ImageDescription;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageProgress;
import org.dormouse.image.ImageWriter;
import org.dormouse.image.PipelineSize;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.seal.ImageKey;
import org.dormouse.seal.MachineKey;
import org.dormouse.store.Store;
import org.dormouse.vmcore.Exclusions;
import org.dormouse.vmcore.PageCensus;
import org.dormouse.vmcore.VmcoreInfo;

/** Makes an image of a dump: one that is read and never woken. */
public final class CreateImage implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final CoreFile core;
  private final Exclusions excluded;
  private final PageSet stored;
  private final PageSet zero;
  private final PageSet reachable;
  private Optional<String> nothingExcluded = Optional.empty();

  /**
   * Looks at a dump, and finds out which pages go into the image.
   *
   * @param core stays open as long as this is used
   * @param excluded what is left out
   * @param threads how many look at the same time, 1 or more
   * @param looked is told, by any thread, at how many further pages of RAM has been looked, if
   *     something is left out
   */
  public CreateImage(CoreFile core, Exclusions excluded, int threads, LongConsumer looked)
      throws IOException {
    this.core = core;
    this.excluded = excluded;
    boolean done = false;
    try {
      CoreFile.Presence presence = core.presence(arena);
      stored = presence.stored();
      zero = presence.zero();
      reachable = stored.copy(arena);
      reachable.addAll(zero);
      if (!excluded.parts().isEmpty()) {
        exclude(threads, looked);
      }
      done = true;
    } finally {
      if (!done) {
        arena.close();
      }
    }
  }

  private void exclude(int threads, LongConsumer looked) throws IOException {
    try (Arena working = Arena.ofShared()) {
      PageCensus census = CoreCensus.of(core, working, threads, looked);
      nothingExcluded = census.unknown();
      if (nothingExcluded.isPresent()) {
        return;
      }
      PageSet kept = census.kept(working, excluded);
      stored.retainAll(kept);
      zero.retainAll(kept);
    }
  }

  /** Why pages that were to be left out could not be told from others, if that is so. */
  public Optional<String> nothingExcluded() {
    return nothingExcluded;
  }

  /** How many pages go into the image, zero ones included. */
  public long pages() {
    return stored.count() + zero.count();
  }

  /** The size in bytes of a store that is always enough, also for a sealed image. */
  public long worstCaseBytes() {
    return ImageWriter.worstCaseBytes(description("").dataOffset(), pages())
        + ImageWriter.sealBytes(pages());
  }

  /**
   * Writes the image. What the store held is lost.
   *
   * @param progress counts what is done; {@link #pages} is all
   * @return its header
   * @throws org.dormouse.text.ReportException if the store fails or is too small; there is no image
   *     then
   * @throws IOException if the dump cannot be read
   */
  public ImageHeader write(Store store, PipelineSize size, ImageProgress progress)
      throws IOException, InterruptedException {
    return write(store, Optional.empty(), size, progress);
  }

  /**
   * The same for an image that may be sealed.
   *
   * @param machine the key that it is sealed with, if it is to be
   */
  public ImageHeader write(
      Store store, Optional<MachineKey> machine, PipelineSize size, ImageProgress progress)
      throws IOException, InterruptedException {
    UUID image = UUID.randomUUID();
    if (machine.isEmpty()) {
      ImageHeader claimed = Image.claim(store, image, description(name(store)));
      return write(store, claimed, Optional.empty(), size, progress);
    }
    try (ImageKey key = ImageKey.random()) {
      Image.Sealing sealing = new Image.Sealing(Aead.faster(), machine.get().seal(image, key));
      ImageHeader claimed =
          Image.claim(store, image, description(name(store)), Optional.of(sealing));
      return write(store, claimed, Optional.of(key), size, progress);
    }
  }

  private ImageHeader write(
      Store store,
      ImageHeader claimed,
      Optional<ImageKey> key,
      PipelineSize size,
      ImageProgress progress)
      throws IOException, InterruptedException {
    try (ImageWriter writer = ImageWriter.begin(store, claimed, key, size, progress)) {
      writer.save(core.frames(), stored, reachable);
      if (!excluded.excludeZero()) {
        writer.saveZeros(zero);
      }
      long left = ramPages() - pages();
      return writer.finish(0, left, core.description().lines().toString());
    }
  }

  private long ramPages() {
    return core.ram().stream().mapToLong(PageRange::count).sum();
  }

  private ImageDescription description(String store) {
    CoreDescription description = core.description();
    Optional<VmcoreInfo> info = description.vmcoreInfoText().map(VmcoreInfo::ofText);
    return new ImageDescription(
        Instant.now(),
        info.flatMap(lines -> lines.optional("OSRELEASE"))
            .map(release -> cut(release, ImageDescription.RELEASE_BYTES))
            .orElse(""),
        info.flatMap(lines -> lines.optional("BUILD-ID"))
            .filter(id -> id.matches("[0-9a-f]{2,64}"))
            .orElse(""),
        ramPages(),
        store,
        Optional.empty());
  }

  private static String name(Store store) {
    return ImageDescription.storeName(store.name());
  }

  /** What a line of a header can hold: no control characters, and not too long. */
  private static String cut(String text, int letters) {
    String line = text.replaceAll("[\\p{Cntrl}]", "?");
    return line.length() <= letters ? line : line.substring(0, letters);
  }

  @Override
  public void close() {
    arena.close();
  }
}
