package org.dormouse.saver;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.dormouse.image.Image;
import org.dormouse.image.ImageHeader;
import org.dormouse.linux.BlockDevices;
import org.dormouse.linux.LockedMemory;
import org.dormouse.linux.QuietTerminals;
import org.dormouse.protocol.Journal;
import org.dormouse.seal.Envelope;
import org.dormouse.seal.ImageKey;
import org.dormouse.seal.Passphrase;
import org.dormouse.seal.PassphraseLock;
import org.dormouse.seal.WakeKey;
import org.dormouse.store.BlockStore;
import org.dormouse.store.Store;
import org.dormouse.text.ReportException;

/**
 * Finds the key of a sealed image: in a key file, which lies at the beginning of a device, or
 * behind the passphrase that a person types on one of the consoles.
 */
final class KeySearch {
  /** How often a person may try. */
  private static final int TRIES = 3;

  /** How long a device with a key file may take to appear, where there is no passphrase. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration GLANCE = Duration.ofMillis(100);

  private final Journal journal;
  private final UUID image;
  private final Envelope envelope;
  private final String created;

  /** What became of the search. */
  sealed interface Outcome {
    /** The key; to be closed by whoever gets it. */
    record Found(ImageKey key) implements Outcome {}

    /** Nobody knows the passphrase. */
    record NotKnown() implements Outcome {}
  }

  /**
   * A search for the key of a store's image.
   *
   * @throws org.dormouse.image.ImageFormatException if the image can never be opened
   */
  KeySearch(Journal journal, Store store, ImageHeader header) throws IOException {
    this.journal = journal;
    this.image = header.image();
    this.envelope = Image.envelope(store, header.seal().orElseThrow());
    this.created = header.description().map(d -> d.created().toString()).orElse("?");
  }

  /** Whether a person may be asked. */
  boolean mayAsk() {
    return envelope.lock().isPresent();
  }

  /**
   * Searches.
   *
   * @throws ReportException if there is neither a key file nor a passphrase
   */
  Outcome run() throws IOException, InterruptedException {
    Optional<ImageKey> onDevice = onDevices();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (onDevice.isEmpty() && envelope.lock().isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(GLANCE);
      onDevice = onDevices();
    }
    if (onDevice.isPresent()) {
      journal.fact("key", "file");
      return new Outcome.Found(onDevice.get());
    }
    PassphraseLock lock =
        envelope
            .lock()
            .orElseThrow(
                () ->
                    new ReportException(
                        "no device begins with the key file of the sealed image",
                        "The image is as good as before.",
                        "Plug in the device that has it, and try again."));
    try {
      return ask(lock);
    } finally {
      // The passphrase took more of the heap than anything else will: the buffers need the memory.
      // What lives has moved after the first time, and there is room behind it.
      System.gc();
      System.gc();
    }
  }

  private Optional<ImageKey> onDevices() throws IOException {
    for (Path device : BlockDevices.all()) {
      Optional<ImageKey> key = onDevice(device);
      if (key.isPresent()) {
        return key;
      }
    }
    return Optional.empty();
  }

  private Optional<ImageKey> onDevice(Path device) throws IOException {
    try (LockedMemory text = LockedMemory.of(WakeKey.FILE_BYTES)) {
      if (!read(device, text.memory())) {
        return Optional.empty();
      }
      Optional<WakeKey> found = WakeKey.read(text.memory());
      if (found.isEmpty()) {
        return Optional.empty();
      }
      try (WakeKey key = found.get()) {
        return key.fits(envelope) ? Optional.of(open(key)) : Optional.empty();
      }
    } catch (IllegalArgumentException e) {
      journal.say(device + " begins as a key file does, but " + e.getMessage());
      return Optional.empty();
    }
  }

  private static boolean read(Path device, MemorySegment text) {
    try (BlockStore store = BlockStore.forReading(device)) {
      if (store.size() < text.byteSize()) {
        return false;
      }
      store.read(0, text);
      return true;
    } catch (ReportException e) {
      // Not every device can be read: an empty drive.
      return false;
    }
  }

  private Outcome ask(PassphraseLock lock) throws IOException {
    journal.stage("passphrase");
    try (QuietTerminals consoles = QuietTerminals.consoles();
        Passphrase passphrase = Passphrase.empty()) {
      if (consoles.isEmpty()) {
        throw new ReportException(
            "no console has a keyboard on which the passphrase could be typed",
            "The image is as good as before.",
            "Name one with console= on the kernel's command line.");
      }
      consoles.print("dormouse: the image of " + created + " is sealed\n");
      for (int tried = 1; tried <= TRIES; tried++) {
        consoles.print("dormouse: its passphrase, try " + tried + " of " + TRIES + ": ");
        boolean typed = passphrase.read(consoles::readLine);
        consoles.print("\n");
        Optional<WakeKey> opened = typed ? lock.open(passphrase) : Optional.empty();
        if (opened.isPresent()) {
          try (WakeKey key = opened.get()) {
            journal.fact("key", "passphrase");
            return new Outcome.Found(open(key));
          }
        }
        consoles.print("dormouse: that is not the passphrase\n");
      }
    }
    return new Outcome.NotKnown();
  }

  private ImageKey open(WakeKey key) throws IOException {
    Optional<ImageKey> opened = key.open(envelope, image);
    if (opened.isEmpty()) {
      throw Image.forged("its key is not in an envelope that this machine has made for it");
    }
    return opened.get();
  }
}
