package org.dormouse.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
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

/** Gets the key of a sealed image from its user. */
final class ImageOpening {
  private static final String UNTOUCHED = "The store was not changed.";

  private ImageOpening() {}

  /**
   * The key of a store's image; nothing if it is not sealed.
   *
   * @throws ReportException if the key file, or the passphrase, is not the right one
   */
  static Optional<ImageKey> keyOf(Store store, Optional<Path> keyFile) throws IOException {
    ImageHeader header = Image.header(store);
    if (header.seal().isEmpty()) {
      return Optional.empty();
    }
    Envelope envelope = Image.envelope(store, header.seal().get());
    try (WakeKey wake = keyFile.isPresent() ? KeyFiles.wake(keyFile.get()) : ask(envelope)) {
      if (!wake.fits(envelope)) {
        throw new ReportException(
            "the image is sealed for key "
                + KeyCommand.shown(envelope.publicKey())
                + ", and this is key "
                + KeyCommand.shown(wake.publicKey()),
            UNTOUCHED,
            "Name the key file that belongs to it.");
      }
      Optional<ImageKey> opened = wake.open(envelope, header.image());
      if (opened.isEmpty()) {
        throw Image.forged("its key is not in an envelope that the machine has made for it");
      }
      return opened;
    }
  }

  private static WakeKey ask(Envelope envelope) throws IOException {
    PassphraseLock lock =
        envelope
            .lock()
            .orElseThrow(
                () ->
                    new ReportException(
                        "the image is sealed, and not behind a passphrase",
                        UNTOUCHED,
                        "Name its key file with --key."));
    try (QuietTerminals terminal = QuietTerminals.own();
        Passphrase passphrase = Passphrase.empty()) {
      terminal.print("passphrase: ");
      passphrase.read(terminal::readLine);
      terminal.print("\n");
      return lock.open(passphrase)
          .orElseThrow(
              () -> new ReportException("that is not the passphrase", UNTOUCHED, "Try again."));
    }
  }
}
