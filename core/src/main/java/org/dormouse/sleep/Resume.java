package org.dormouse.sleep;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.dormouse.image.Damage;
import org.dormouse.image.Image;
import org.dormouse.image.ImageFormatException;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageOrigin;
import org.dormouse.kexec.KexecPlanException;
import org.dormouse.linux.IoMemory;
import org.dormouse.linux.Processor;
import org.dormouse.store.BlockStore;

/**
 * In the resume kernel: looks for an image, puts its pages where they were, and jumps into the
 * original kernel. When it returns, there is nothing to resume, and the machine goes on booting.
 *
 * <p>An image that is this machine's and cannot be resumed is marked as used: the boot that goes on
 * now changes the file systems, which the image remembers as they were.
 */
public final class Resume {
  private final Journal journal;

  /** Tells {@code journal} how it goes. */
  public Resume(Journal journal) {
    this.journal = journal;
  }

  /**
   * Resumes the image in {@code storeName}, if there is a good one.
   *
   * @return why the machine goes on booting instead
   * @throws IOException if the store cannot be read or marked; the machine goes on booting too
   */
  public String run(String storeName) throws IOException, InterruptedException {
    return switch (search(storeName)) {
      case Nothing(String why) -> why;
      case Found found -> {
        try (BlockStore store = BlockStore.forWriting(found.device)) {
          yield resume(store, found.header, found.memory);
        }
      }
    };
  }

  /**
   * Takes the image away over which a resume has died, so that no later boot tries it: the boot
   * that goes on now changes the file systems.
   *
   * @return what was found and done
   * @throws IOException if the store cannot be read or marked
   */
  public String giveUp(String storeName) throws IOException {
    return switch (search(storeName)) {
      case Nothing(String why) -> why;
      case Found found -> {
        try (BlockStore store = BlockStore.forWriting(found.device)) {
          Image.discard(store);
        }
        yield "the resume did not come to its end; the image is taken away";
      }
    };
  }

  /** What a search has found. */
  private sealed interface Search {}

  /** Nothing to resume. */
  private record Nothing(String why) implements Search {}

  /** An image that is whole, by its header, and this machine's. */
  private record Found(Path device, ImageHeader header, IoMemory memory) implements Search {}

  private static Search search(String storeName) throws IOException {
    Optional<Path> device = Stores.named(storeName);
    if (device.isEmpty()) {
      return new Nothing(
          "there is no store " + storeName + ", and no device has an image of that name");
    }
    ImageHeader header;
    try (BlockStore store = BlockStore.forReading(device.get())) {
      header = Image.header(store);
    } catch (ImageFormatException e) {
      return new Nothing(
          e.damage() == Damage.NOT_AN_IMAGE
              ? "no image on " + storeName
              : "no image on " + storeName + ": " + e.getMessage());
    }
    Optional<String> unusable = unusable(header, storeName);
    if (unusable.isPresent()) {
      return new Nothing(unusable.get());
    }
    IoMemory memory = IoMemory.read();
    if (header.origin().memoryMapFingerprint() != ImageOrigin.fingerprint(memory.map())) {
      return new Nothing(
          "the image on "
              + storeName
              + " is from another machine, or from another memory map of this one: it is left as"
              + " it is. Do not resume it after this boot has changed its file systems; 'dormouse"
              + " image discard' takes it away");
    }
    return new Found(device.get(), header, memory);
  }

  private static Optional<String> unusable(ImageHeader header, String storeName) {
    return switch (header.state()) {
      case COMPLETE -> Optional.empty();
      case EMPTY -> Optional.of("no image on " + storeName);
      case WRITING ->
          Optional.of(
              "the image on "
                  + storeName
                  + " was not written to its end: the machine lost power while it was saved");
      case CONSUMED -> Optional.of("the image on " + storeName + " was used already");
    };
  }

  /** Resumes an image of this machine; whatever keeps it from that, the image is used up. */
  private String resume(BlockStore store, ImageHeader header, IoMemory memory)
      throws IOException, InterruptedException {
    String why;
    try {
      why = new ResumeAttempt(journal, store, header, memory, Processor.read()).run();
    } catch (ImageFormatException e) {
      why = "the image is damaged: " + e.getMessage();
    } catch (PlacementException e) {
      why = "the image does not fit beside the resume kernel: " + e.getMessage();
    } catch (KexecPlanException e) {
      why = "the jump cannot be planned: " + e.getMessage();
    } catch (IOException | IllegalArgumentException e) {
      why = "the image could not be resumed: " + e.getMessage();
    }
    Image.discard(store);
    return why
        + "; the image is taken away, since booting on changes what it remembers of the disks";
  }
}
