package org.dormouse.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import org.dormouse.codec.PosixCksum;
import org.dormouse.store.StoreContents;
import org.dormouse.text.KeyValues;

/**
 * The first sector of a store: 512 bytes of text, the smallest unit that is written whole or not at
 * all, so that a change of state happens whole or not at all.
 *
 * @param descriptionChecksum XXH64 of the sectors behind it
 */
record StateSector(
    ImageState state,
    UUID image,
    int attempts,
    int restarts,
    Boot boot,
    long descriptionChecksum,
    String reason) {
  /** What the next ordinary boot does about an image that waits to be woken. */
  enum Boot {
    /** Wakes it. */
    WAKE,
    /** Goes on without it, this once: a person did not know the passphrase. */
    ON
  }

  /** The length of a sector in bytes. */
  static final int BYTES = 512;

  /** What the checksum covers. */
  static final int CHECKED_BYTES = 496;

  private static final String FIRST_LINE =
      StoreContents.IMAGE_MAGIC + " " + ImageHeader.VERSION + "\n";
  private static final String BOOT = "boot";
  private static final String ON = "on";
  private static final String CHECK = "check=";
  private static final int CHECK_DIGITS = 10;

  /**
   * Checks what has to fit.
   *
   * @throws IllegalArgumentException if the reason does not, or a count is negative
   */
  StateSector {
    int length = reason.getBytes(StandardCharsets.UTF_8).length;
    if (length > ImageHeader.REASON_BYTES) {
      throw new IllegalArgumentException("a reason of " + length + " bytes");
    }
    if (attempts < 0 || restarts < 0) {
      throw new IllegalArgumentException(attempts + " attempts, " + restarts + " restarts");
    }
  }

  StateSector(
      ImageState state,
      UUID image,
      int attempts,
      int restarts,
      long descriptionChecksum,
      String reason) {
    this(state, image, attempts, restarts, Boot.WAKE, descriptionChecksum, reason);
  }

  /** The sector of a store without an image. */
  static StateSector empty(String reason) {
    return new StateSector(ImageState.EMPTY, new UUID(0, 0), 0, 0, 0, plain(reason));
  }

  static StateSector of(ImageHeader header) {
    return new StateSector(
        header.state(), header.image(), header.attempts(), header.restarts(), 0, header.reason());
  }

  /** What was said of the next boot was said of the state before. */
  StateSector withState(ImageState next) {
    return new StateSector(next, image, attempts, restarts, Boot.WAKE, descriptionChecksum, reason);
  }

  StateSector withAttempts(int next) {
    return new StateSector(state, image, next, restarts, boot, descriptionChecksum, reason);
  }

  StateSector withRestarts(int next) {
    return new StateSector(state, image, attempts, next, boot, descriptionChecksum, reason);
  }

  StateSector withBoot(Boot next) {
    return new StateSector(state, image, attempts, restarts, next, descriptionChecksum, reason);
  }

  StateSector withDescriptionChecksum(long next) {
    return new StateSector(state, image, attempts, restarts, boot, next, reason);
  }

  StateSector withReason(String next) {
    return new StateSector(
        state, image, attempts, restarts, boot, descriptionChecksum, plain(next));
  }

  /** What is left of {@code reason} in one line of at most {@link ImageHeader#REASON_BYTES}. */
  private static String plain(String reason) {
    StringBuilder text = new StringBuilder();
    int bytes = 0;
    for (int i = 0; i < reason.length(); ) {
      int point = reason.codePointAt(i);
      i += Character.charCount(point);
      boolean kept = !Character.isISOControl(point) && !isHalf(point);
      int shown = kept ? point : ' ';
      bytes += Character.toString(shown).getBytes(StandardCharsets.UTF_8).length;
      if (bytes > ImageHeader.REASON_BYTES) {
        break;
      }
      text.appendCodePoint(shown);
    }
    return text.toString();
  }

  private static boolean isHalf(int point) {
    return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
  }

  byte[] encode() {
    String lines =
        KeyValues.empty()
            .with("state", state.name())
            .with("image", image.toString())
            .with("attempts", attempts)
            .with("restarts", restarts)
            .with("description", StoredBytes.hex(descriptionChecksum))
            .with("reason", reason)
            .toString();
    String more = boot == Boot.ON ? KeyValues.empty().with(BOOT, ON).toString() : "";
    byte[] text = FIRST_LINE.concat(lines).concat(more).getBytes(StandardCharsets.UTF_8);
    byte[] sector = Arrays.copyOf(text, BYTES);
    Arrays.fill(sector, text.length, CHECKED_BYTES, (byte) '\n');
    byte[] check = check(sector);
    System.arraycopy(check, 0, sector, CHECKED_BYTES, check.length);
    return sector;
  }

  /**
   * Reads a sector.
   *
   * @throws ImageFormatException if it is not one, of another version, or damaged
   */
  static StateSector decode(byte[] sector) throws ImageFormatException {
    byte[] magic = StoreContents.IMAGE_MAGIC.getBytes(StandardCharsets.US_ASCII);
    if (!Arrays.equals(sector, 0, magic.length, magic, 0, magic.length)) {
      throw new ImageFormatException(
          Damage.NOT_AN_IMAGE, "the store does not begin with " + StoreContents.IMAGE_MAGIC);
    }
    // Version 1 had its number here in binary, and another checksum.
    if (sector[magic.length] == 1) {
      throw wrongVersion("1");
    }
    if (!Arrays.equals(Arrays.copyOfRange(sector, CHECKED_BYTES, BYTES), check(sector))) {
      throw new ImageFormatException(
          Damage.HEADER_DAMAGED, "the first sector does not match its checksum");
    }
    String text = new String(sector, 0, CHECKED_BYTES, StandardCharsets.UTF_8);
    if (!text.startsWith(FIRST_LINE)) {
      String line = text.lines().findFirst().orElse("");
      throw wrongVersion(plain(line.substring(magic.length)).strip());
    }
    try {
      return decode(KeyValues.parse(text));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new ImageFormatException(Damage.HEADER_DAMAGED, e.getMessage());
    }
  }

  private static ImageFormatException wrongVersion(String version) {
    return new ImageFormatException(
        Damage.WRONG_VERSION, "it is " + version + ", this program reads " + ImageHeader.VERSION);
  }

  private static StateSector decode(KeyValues lines) {
    return new StateSector(
        ImageState.valueOf(lines.text("state")),
        UUID.fromString(lines.text("image")),
        Math.toIntExact(lines.number("attempts")),
        Math.toIntExact(lines.number("restarts")),
        lines.find(BOOT).equals(Optional.of(ON)) ? Boot.ON : Boot.WAKE,
        StoredBytes.checksum(lines.text("description")),
        lines.text("reason"));
  }

  private static byte[] check(byte[] sector) {
    String digits = Long.toString(PosixCksum.of(Arrays.copyOf(sector, CHECKED_BYTES)));
    return CHECK
        .concat("0".repeat(CHECK_DIGITS - digits.length()))
        .concat(digits)
        .getBytes(StandardCharsets.US_ASCII);
  }
}
