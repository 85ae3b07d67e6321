package org.dormouse.store;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a store lies, as it is told to whoever has to find it: {@code DEVICE} for a store that is a
 * whole device, {@code DEVICE@OFFSET} for one that lies in pieces on it.
 *
 * @param device a device node, a link to one, {@code UUID=…} or {@code PARTUUID=…}
 * @param offset where on the device it begins, in bytes, behind its map
 */
public record StoreLocation(String device, OptionalLong offset) {
  /** What stands between device and offset. */
  static final char AT = '@';

  private static final Pattern WITH_OFFSET = Pattern.compile("(.+)@([0-9]{1,18})");

  /** The location of a store that is a whole device. */
  public static StoreLocation whole(String device) {
    return new StoreLocation(device, OptionalLong.empty());
  }

  /** The location of a store that begins {@code offset} bytes behind the start of the device. */
  public static StoreLocation at(String device, long offset) {
    return new StoreLocation(device, OptionalLong.of(offset));
  }

  /** Reads what {@link #text} writes; what has no offset is all device. */
  public static StoreLocation parse(String text) {
    Matcher parts = WITH_OFFSET.matcher(text);
    return parts.matches() ? at(parts.group(1), Long.parseLong(parts.group(2))) : whole(text);
  }

  /** {@code DEVICE} or {@code DEVICE@OFFSET}. */
  public String text() {
    return offset.isPresent() ? device + AT + offset.getAsLong() : device;
  }
}
