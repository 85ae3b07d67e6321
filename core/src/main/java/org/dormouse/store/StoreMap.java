package org.dormouse.store;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import org.dormouse.codec.Xxh64;
import org.dormouse.text.KeyValues;

/**
 * Where the pieces of a store lie on its device. It is text, and lies in front of the store, so
 * that whoever finds the first piece finds all: a saver knows neither file systems nor volumes.
 * docs/image-format.md, "Stores in pieces".
 *
 * @param file the file or volume that the store is, as it is called where it was made
 * @param deviceBytes the size of the device
 * @param content what may be written there
 * @param extents the pieces in the order of the store's bytes; the first one begins with the map,
 *     and is longer than that
 */
public record StoreMap(String file, long deviceBytes, Content content, List<Extent> extents) {
  /** How much room is kept for the map in front of a store, in bytes. */
  public static final int ROOM_BYTES = 1 << 20;

  /** How long the text is at most, in bytes. */
  public static final int TEXT_BYTES = 256 << 10;

  /** How many pieces a store has at most: their lines fit, however long the numbers are. */
  public static final int MOST_EXTENTS = 4096;

  /** The longest name of a file, in bytes of UTF-8. */
  public static final int FILE_BYTES = 1024;

  private static final String FIRST_LINE = "DORMSTORE 1\n";
  private static final String CHECK = "check=";
  private static final int CHECK_DIGITS = 16;

  /** What may be written into a store. */
  public enum Content {
    /** Any image. */
    ANY("any"),
    /** Only sealed images: what is around it on the disk is encrypted. */
    SEALED("sealed");

    private final String word;

    Content(String word) {
      this.word = word;
    }

    /** As it stands in the map. */
    public String word() {
      return word;
    }

    private static Content of(String word) {
      for (Content content : values()) {
        if (content.word.equals(word)) {
          return content;
        }
      }
      throw new IllegalArgumentException("a store may not hold '" + word + "'");
    }
  }

  /**
   * Checks that the pieces lie on the device, and no two of them in the same place.
   *
   * @throws IllegalArgumentException if they do not, or something is too long or too short
   */
  public StoreMap {
    extents = List.copyOf(extents);
    if (file.getBytes(StandardCharsets.UTF_8).length > FILE_BYTES
        || file.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("not the name of a store's file");
    }
    if (extents.isEmpty() || extents.size() > MOST_EXTENTS) {
      throw new IllegalArgumentException("a store of " + extents.size() + " pieces");
    }
    if (extents.getFirst().length() <= ROOM_BYTES) {
      throw new IllegalArgumentException(
          "a store whose first piece has " + extents.getFirst().length() + " bytes");
    }
    checkPlaces(deviceBytes, extents);
  }

  private static void checkPlaces(long deviceBytes, List<Extent> extents) {
    long end = 0;
    List<Extent> sorted =
        extents.stream().sorted(Comparator.comparingLong(Extent::offset)).toList();
    for (Extent extent : sorted) {
      if (extent.offset() < end) {
        throw new IllegalArgumentException("two pieces of a store in one place: " + extent);
      }
      end = extent.end();
    }
    if (end > deviceBytes) {
      throw new IllegalArgumentException(
          "a store that ends at " + end + " on a device of " + deviceBytes + " bytes");
    }
  }

  /** Where on the device the store begins, behind the map, in bytes. */
  public long storeOffset() {
    return extents.getFirst().offset() + ROOM_BYTES;
  }

  /** The size of the store without the map, in bytes. */
  public long storeBytes() {
    return extents.stream().mapToLong(Extent::length).sum() - ROOM_BYTES;
  }

  /** How many bytes from the store's first one on lie in one piece. */
  public long firstPieceBytes() {
    return extents.getFirst().length() - ROOM_BYTES;
  }

  /** As text with its checksum. */
  public String text() {
    StringBuilder text = new StringBuilder(FIRST_LINE);
    text.append("file=").append(file).append('\n');
    text.append("content=").append(content.word).append('\n');
    text.append("device_bytes=").append(deviceBytes).append('\n');
    for (Extent extent : extents) {
      text.append("extent=").append(extent.offset()).append(' ').append(extent.length());
      text.append('\n');
    }
    String checksum = checksum(text.toString());
    return text.append(CHECK).append(checksum).append('\n').toString();
  }

  /**
   * Reads a map.
   *
   * @param room what lies in front of a store: the text, and anything behind it
   * @throws IllegalArgumentException if there is none, or it is damaged or makes no sense
   */
  public static StoreMap parse(MemorySegment room) {
    byte[] bytes =
        room.asSlice(0, Math.min(room.byteSize(), TEXT_BYTES)).toArray(ValueLayout.JAVA_BYTE);
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (!text.startsWith(FIRST_LINE)) {
      throw new IllegalArgumentException("there is no map of a store");
    }
    int check = text.indexOf("\n" + CHECK) + 1;
    int end = check + CHECK.length() + CHECK_DIGITS;
    if (check == 0 || end >= text.length() || text.charAt(end) != '\n') {
      throw new IllegalArgumentException("the map of a store does not end");
    }
    String vouched = text.substring(0, check);
    String checksum = checksum(vouched);
    if (!text.startsWith(checksum, check + CHECK.length())) {
      throw new IllegalArgumentException("the map of a store does not match its checksum");
    }
    KeyValues lines = KeyValues.parse(vouched);
    return new StoreMap(
        lines.text("file"),
        lines.number("device_bytes"),
        Content.of(lines.text("content")),
        extents(lines.all("extent")));
  }

  private static List<Extent> extents(List<String> lines) {
    if (lines.size() > MOST_EXTENTS) {
      throw new IllegalArgumentException("a store of " + lines.size() + " pieces");
    }
    List<Extent> extents = new ArrayList<>();
    for (String line : lines) {
      String[] words = line.split(" ", -1);
      if (words.length != 2) {
        throw new IllegalArgumentException("a piece of a store is not OFFSET LENGTH");
      }
      extents.add(new Extent(Long.parseLong(words[0]), Long.parseLong(words[1])));
    }
    return extents;
  }

  private static String checksum(String text) {
    try (Arena arena = Arena.ofConfined()) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      MemorySegment copy = arena.allocate(bytes.length, Long.BYTES);
      MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, bytes.length);
      return HexFormat.of().toHexDigits(Xxh64.of(copy));
    }
  }
}
