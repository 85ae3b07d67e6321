package org.dormouse.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What devices of the device mapper (LVM, LUKS) are made of, and claims on devices by its means:
 * calls on {@code /dev/mapper/control}. Constants and layouts: {@code
 * include/uapi/linux/dm-ioctl.h}.
 *
 * <p>A table may contain the key of an encrypted volume. It is passed over, never becomes a {@code
 * String}, and the memory that it was in is zeroed.
 */
public final class DeviceMapper {
  private static final Path CONTROL = Path.of("/dev/mapper/control");
  private static final int SECTOR_BYTES = 512;

  // struct dm_ioctl
  private static final int HEADER_BYTES = 312;
  private static final int DATA_SIZE = 12;
  private static final int DATA_START = 16;
  private static final int TARGET_COUNT = 20;
  private static final int FLAGS = 28;
  private static final int DEVICE = 40;
  private static final int NAME = 48;
  private static final int NAME_BYTES = 128;
  private static final int VERSION_MAJOR = 4;
  // struct dm_target_spec
  private static final int SPEC_BYTES = 40;
  private static final int SPEC_NEXT = 20;
  private static final int SPEC_TYPE = 24;

  private static final int READ_ONLY = 1 << 0;
  private static final int STATUS_TABLE = 1 << 4;
  private static final int BUFFER_FULL = 1 << 8;
  private static final int SECURE_DATA = 1 << 15;

  // _IOWR(0xfd, n, struct dm_ioctl), n = 2, 3, 4, 9 and 12
  private static final long LIST_DEVICES = 0xc138fd02L;
  private static final long DEV_CREATE = 0xc138fd03L;
  private static final long DEV_REMOVE = 0xc138fd04L;
  private static final long TABLE_LOAD = 0xc138fd09L;
  private static final long TABLE_STATUS = 0xc138fd0cL;

  // struct dm_name_list
  private static final int LISTED_NEXT = 8;
  private static final int LISTED_NAME = 12;

  private static final int SMALL = 4096;
  private static final int LIST_BYTES = 256 << 10;

  /** The largest table that is asked for. A volume of LVM has some dozen bytes for each extent. */
  private static final int LARGEST = 16 << 20;

  private DeviceMapper() {}

  /** How bytes get from one device to the one below. */
  public enum Kind {
    /** As they are: {@code linear}. */
    PLAIN,
    /** Encrypted, each in its place: {@code crypt}. */
    ENCRYPTED
  }

  /**
   * Where the bytes of a part of a device lie.
   *
   * @param device the device below
   * @param offset where they start there, bytes
   * @param kind how they get there
   */
  public record Below(DeviceNumber device, long offset, Kind kind) {}

  /**
   * A part of a device.
   *
   * @param start where on the device it starts, bytes
   * @param length bytes
   * @param type what Linux calls the target, {@code linear}
   * @param below where its bytes lie; empty if that is more than an offset (stripes, thin pools,
   *     snapshots, authenticated encryption)
   */
  public record Target(long start, long length, String type, Optional<Below> below) {}

  /**
   * Claims a device: as long as the claim is there, nobody mounts it, swaps on it, or opens it
   * exclusively in any other way. The claim is a device of the mapper's with a table that is never
   * put into force; it needs no process.
   *
   * @param name of the claim, at most 127 characters without a slash
   * @throws LinuxException {@code EBUSY} if the device is in use, or the claim is there already
   */
  public static void claim(String name, DeviceNumber device) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      call("create " + name, DEV_CREATE, header(arena, SMALL, name, 0));
      MemorySegment table = header(arena, SMALL, name, READ_ONLY);
      table.set(ValueLayout.JAVA_INT, TARGET_COUNT, 1);
      table.set(ValueLayout.JAVA_LONG, HEADER_BYTES + 8, 1); // length, sectors
      table.setString(HEADER_BYTES + SPEC_TYPE, "linear", StandardCharsets.US_ASCII);
      table.setString(HEADER_BYTES + SPEC_BYTES, device + " 0", StandardCharsets.US_ASCII);
      try {
        call("claim device " + device, TABLE_LOAD, table);
      } catch (IOException e) {
        release(name);
        throw e;
      }
    }
  }

  /**
   * Gives up a claim.
   *
   * @throws LinuxException {@code ENXIO} if there is none of that name
   */
  public static void release(String name) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      call("remove " + name, DEV_REMOVE, header(arena, SMALL, name, 0));
    }
  }

  /**
   * The names of all devices of the mapper, claims among them; none if the kernel has no mapper.
   */
  public static List<String> names() throws IOException {
    if (!Files.exists(CONTROL)) {
      return List.of();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment list = header(arena, LIST_BYTES, "", 0);
      call("list", LIST_DEVICES, list);
      List<String> names = new ArrayList<>();
      long at = list.get(ValueLayout.JAVA_INT, DATA_START);
      while (list.get(ValueLayout.JAVA_LONG_UNALIGNED, at) != 0) {
        names.add(string(list, at + LISTED_NAME, list.byteSize()));
        int next = list.get(ValueLayout.JAVA_INT_UNALIGNED, at + LISTED_NEXT);
        if (next == 0) {
          break;
        }
        at += next;
      }
      return names;
    }
  }

  /** Whether the running kernel has a device mapper. */
  public static boolean isThere() {
    return Files.exists(CONTROL);
  }

  private static MemorySegment header(Arena arena, int size, String name, int flags) {
    if (name.length() >= NAME_BYTES) {
      throw new IllegalArgumentException("the name of a device is too long: " + name);
    }
    MemorySegment call = arena.allocate(size, Long.BYTES);
    call.set(ValueLayout.JAVA_INT, 0, VERSION_MAJOR);
    call.set(ValueLayout.JAVA_INT, DATA_SIZE, size);
    call.set(ValueLayout.JAVA_INT, DATA_START, HEADER_BYTES);
    call.set(ValueLayout.JAVA_INT, FLAGS, flags);
    call.setString(NAME, name, StandardCharsets.US_ASCII);
    return call;
  }

  private static void call(String describedAs, long request, MemorySegment header)
      throws IOException {
    Ioctl.on(
        CONTROL, Ioctl.Access.READ_AND_WRITE, "device mapper: " + describedAs, request, header);
  }

  /**
   * The parts of a device, in order.
   *
   * @throws LinuxException if {@code device} is not the device mapper's
   */
  public static List<Target> table(DeviceNumber device) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return table(device, arena);
    }
  }

  private static List<Target> table(DeviceNumber device, Arena arena) throws IOException {
    for (int size = 64 << 10; size <= LARGEST; size *= 4) {
      MemorySegment call = header(arena, size, "", STATUS_TABLE | SECURE_DATA);
      call.set(ValueLayout.JAVA_LONG, DEVICE, device.encoded());
      try {
        call("table of device " + device, TABLE_STATUS, call);
        if ((call.get(ValueLayout.JAVA_INT, FLAGS) & BUFFER_FULL) == 0) {
          int start = call.get(ValueLayout.JAVA_INT, DATA_START);
          return parse(call.asSlice(start), call.get(ValueLayout.JAVA_INT, TARGET_COUNT));
        }
      } finally {
        call.fill((byte) 0);
      }
    }
    throw new IOException("the table of device " + device + " is larger than " + LARGEST);
  }

  /**
   * Reads {@code count} targets, each a {@code dm_target_spec} and its parameters, a C string.
   *
   * @throws IOException if the bytes are not that
   */
  static List<Target> parse(MemorySegment data, int count) throws IOException {
    List<Target> targets = new ArrayList<>();
    long spec = 0;
    for (int i = 0; i < count; i++) {
      if (spec + SPEC_BYTES > data.byteSize()) {
        throw new IOException("a device mapper table ends after " + i + " of " + count + " parts");
      }
      String type = string(data, spec + SPEC_TYPE, spec + SPEC_BYTES);
      targets.add(
          new Target(
              data.get(ValueLayout.JAVA_LONG_UNALIGNED, spec) * SECTOR_BYTES,
              data.get(ValueLayout.JAVA_LONG_UNALIGNED, spec + 8) * SECTOR_BYTES,
              type,
              below(type, data, spec + SPEC_BYTES)));
      // Counted from the first target: dm-ioctl.h says so for what is read from the kernel.
      long next =
          Integer.toUnsignedLong(data.get(ValueLayout.JAVA_INT_UNALIGNED, spec + SPEC_NEXT));
      if (next <= spec && i + 1 < count) {
        throw new IOException("a device mapper table whose parts lead backwards");
      }
      spec = next;
    }
    return targets;
  }

  private static Optional<Below> below(String type, MemorySegment data, long parameters)
      throws IOException {
    return switch (type) {
      // drivers/md/dm-linear.c: DEVICE SECTOR
      case "linear" -> below(word(data, parameters, 0), word(data, parameters, 1), Kind.PLAIN);
      // drivers/md/dm-crypt.c: CIPHER KEY IV_OFFSET DEVICE SECTOR; the key is never looked at
      case "crypt" -> below(word(data, parameters, 3), word(data, parameters, 4), Kind.ENCRYPTED);
      default -> Optional.empty();
    };
  }

  private static Optional<Below> below(String device, String sector, Kind kind) throws IOException {
    try {
      return Optional.of(
          new Below(DeviceNumber.parse(device), Long.parseLong(sector) * SECTOR_BYTES, kind));
    } catch (IllegalArgumentException e) {
      // Without its cause, which would quote the table.
      throw new IOException("a device mapper table that cannot be read");
    }
  }

  /** A word of the parameters, counted from 0; those before it are passed over as bytes. */
  private static String word(MemorySegment data, long parameters, int index) {
    long position = parameters;
    for (int passed = 0; passed < index; passed++) {
      position = endOfWord(data, position);
      if (position < data.byteSize() && data.get(ValueLayout.JAVA_BYTE, position) == ' ') {
        position++;
      }
    }
    return string(data, position, endOfWord(data, position));
  }

  private static long endOfWord(MemorySegment data, long from) {
    long position = from;
    while (position < data.byteSize()
        && data.get(ValueLayout.JAVA_BYTE, position) != ' '
        && data.get(ValueLayout.JAVA_BYTE, position) != 0) {
      position++;
    }
    return position;
  }

  private static String string(MemorySegment data, long from, long to) {
    long end = from;
    while (end < to && data.get(ValueLayout.JAVA_BYTE, end) != 0) {
      end++;
    }
    return new String(
        data.asSlice(from, end - from).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
  }
}
