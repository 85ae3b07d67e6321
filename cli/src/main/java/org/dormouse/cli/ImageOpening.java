package org.dormouse.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.dormouse.convert.Dumps;
import org.dormouse.image.Image;
import org.dormouse.image.ImageHeader;
import org.dormouse.linux.QuietTerminals;
import org.dormouse.seal.Envelope;
import org.dormouse.seal.ImageKey;
import org.dormouse.seal.Passphrase;
import org.dormouse.seal.PassphraseLock;
import org.dormouse.seal.WakeKey;
import org.dormouse.sleep.KeyFiles;
import org.dormouse.store.Store;
import org.dormouse.text.ReportException;

/**
 * Gets the keys of sealed images from their user.
 *
 * @param keyFiles key files that he has named: one of them, or a passphrase, opens each image
 */
record ImageOpening(List<Path> keyFiles) implements Dumps.KeySource {
  private static final String UNTOUCHED = "The store was not changed.";

  ImageOpening {
    keyFiles = List.copyOf(keyFiles);
  }

  /**
   * The key of a store's image, to be closed by the caller; nothing if it is not sealed.
   *
   * @throws ReportException if no key file, nor the passphrase, is the right one
   */
  @Override
  public Optional<ImageKey> keyOf(Store store) throws IOException {
    ImageHeader header = Image.header(store);
    if (header.seal().isEmpty()) {
      return Optional.empty();
    }
    KeyCommand.checkLibrary();
    Envelope envelope = Image.envelope(store, header.seal().get());
    try (WakeKey wake = wakeKey(store, envelope)) {
      Optional<ImageKey> opened = wake.open(envelope, header.image());
      if (opened.isEmpty()) {
        throw Image.forged("its key is not in an envelope that the machine has made for it");
      }
      return opened;
    }
  }

  private WakeKey wakeKey(Store store, Envelope envelope) throws IOException {
    for (Path file : keyFiles) {
      WakeKey key = KeyFiles.wake(file);
      if (key.fits(envelope)) {
        return key;
      }
      key.close();
    }
    return ask(
        store,
        envelope
            .lock()
            .orElseThrow(
                () ->
                    new ReportException(
                        store.name()
                            + " is sealed for key "
                            + KeyCommand.shown(envelope.publicKey())
                            + (keyFiles.isEmpty()
                                ? ", and not behind a passphrase"
                                : ", which is not in " + named()),
                        UNTOUCHED,
                        "Name its key file with --key.")));
  }

  private String named() {
    return String.join(", ", keyFiles.stream().map(Path::toString).toList());
  }

  private static WakeKey ask(Store store, PassphraseLock lock) throws IOException {
    try (QuietTerminals terminal = QuietTerminals.own();
        Passphrase passphrase = Passphrase.empty()) {
      terminal.print("passphrase of " + store.name() + ": ");
      passphrase.read(terminal::readLine);
      terminal.print("\n");
      return lock.open(passphrase)
          .orElseThrow(
              () ->
                  new ReportException(
                      "that is not the passphrase of " + store.name(), UNTOUCHED, "Try again."));
    }
  }
}
