package org.dormouse.store;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.dormouse.linux.BlockDevice;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/**
 * A store that lies in pieces on a device: below a file, or a logical volume. It is read and
 * written on the device itself, past the file system, by the {@link StoreMap} in front of it.
 */
public final class ExtentStore implements Store {
  private final Store device;
  private final StoreMap map;
  private final String name;
  private final long[] ends;

  private ExtentStore(Store device, StoreMap map, String name) {
    this.device = device;
    this.map = map;
    this.name = name;
    this.ends = new long[map.extents().size()];
    long end = -StoreMap.ROOM_BYTES;
    for (int i = 0; i < ends.length; i++) {
      end += map.extents().get(i).length();
      ends[i] = end;
    }
  }

  /**
   * Opens the store of a device that nobody else uses, for reading.
   *
   * @param offset where on the device it begins, in bytes, behind its map
   * @throws ReportException if there is none, or the device cannot be read
   */
  public static ExtentStore forReading(Path device, long offset) throws ReportException {
    return of(BlockStore.forReading(device), offset);
  }

  /**
   * Opens the store of a device that nobody else uses, for reading and writing.
   *
   * @param offset where on the device it begins, in bytes, behind its map
   * @throws ReportException if there is none, or the device is in use
   */
  public static ExtentStore forWriting(Path device, long offset) throws ReportException {
    return of(BlockStore.forWriting(device), offset);
  }

  /**
   * Opens a store on a device that a file system uses, which has given these places to a file of
   * ours; for reading and writing.
   *
   * @param offset where on the device it begins, in bytes, behind its map
   * @throws ReportException if there is none, or the device cannot be opened
   */
  public static ExtentStore forSharedWriting(BlockDevice device, long offset)
      throws ReportException {
    return of(BlockStore.forSharedWriting(device), offset);
  }

  /**
   * Makes a store in places of a device that a file system has given to a file of ours: writes the
   * map, and nothing behind it that could be taken for an image.
   *
   * @throws ReportException if it cannot be written
   */
  public static ExtentStore make(BlockDevice device, StoreMap map) throws ReportException {
    return made(BlockStore.forSharedWriting(device), map);
  }

  /** The same on an open device, which is closed with the store, or if there is none. */
  static ExtentStore made(Store device, StoreMap map) throws ReportException {
    ExtentStore store = new ExtentStore(device, map, named(device, map.storeOffset()));
    boolean made = false;
    try {
      store.checkDevice();
      store.writeMap();
      made = true;
      return store;
    } finally {
      if (!made) {
        device.close();
      }
    }
  }

  /** The store on an open device, which is closed with the store, or if there is none. */
  static ExtentStore of(Store device, long offset) throws ReportException {
    boolean opened = false;
    try {
      ExtentStore store = new ExtentStore(device, readMap(device, offset), named(device, offset));
      store.checkDevice();
      opened = true;
      return store;
    } finally {
      if (!opened) {
        device.close();
      }
    }
  }

  private static StoreMap readMap(Store device, long offset) throws ReportException {
    if (offset < StoreMap.ROOM_BYTES
        || (offset & (ALIGNMENT - 1)) != 0
        || offset > device.size() - ALIGNMENT) {
      throw none(device, offset, "that is no place for one");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment room = arena.allocate(StoreMap.TEXT_BYTES, ALIGNMENT);
      device.read(offset - StoreMap.ROOM_BYTES, room);
      StoreMap map = StoreMap.parse(room);
      if (map.storeOffset() != offset) {
        throw new IllegalArgumentException("its map says that it is at " + map.storeOffset());
      }
      return map;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw none(device, offset, e.getMessage());
    }
  }

  private void checkDevice() throws ReportException {
    if (device.size() != map.deviceBytes()) {
      throw none(
          device,
          map.storeOffset(),
          "its map is of a device of " + map.deviceBytes() + " bytes, not " + device.size());
    }
  }

  private static ReportException none(Store device, long offset, String why) {
    return new ReportException(
        new Report(
            "there is no store on " + named(device, offset) + ": " + why,
            "Nothing was written.",
            "See where the store is: dormouse store info. If it was copied or moved, make it anew:"
                + " dormouse store remove, dormouse store create."));
  }

  private static String named(Store device, long offset) {
    return device.name() + StoreLocation.AT + offset;
  }

  /** First the zeros: a map without the rest would lead to what was there before. */
  private void writeMap() throws ReportException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment room = arena.allocate(StoreMap.ROOM_BYTES, ALIGNMENT);
      device.write(map.extents().getFirst().offset(), room);
      write(0, room.asSlice(0, Math.min(room.byteSize(), map.firstPieceBytes())));
      flush();
      byte[] text = map.text().getBytes(StandardCharsets.UTF_8);
      MemorySegment.copy(text, 0, room, ValueLayout.JAVA_BYTE, 0, text.length);
      device.write(map.extents().getFirst().offset(), room);
      flush();
    }
  }

  /**
   * Takes the store away: neither its map nor the beginning of an image is found there any more.
   *
   * @throws ReportException if it cannot be written
   */
  public void erase() throws ReportException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment zeros = arena.allocate(StoreMap.ROOM_BYTES, ALIGNMENT);
      write(0, zeros.asSlice(0, Math.min(zeros.byteSize(), map.firstPieceBytes())));
      device.write(map.extents().getFirst().offset(), zeros);
      flush();
    }
  }

  /** Where it lies. */
  public StoreMap map() {
    return map;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return ends[ends.length - 1];
  }

  @Override
  public void read(long offset, MemorySegment target) throws ReportException {
    eachPiece(offset, target, device::read);
  }

  @Override
  public void write(long offset, MemorySegment source) throws ReportException {
    eachPiece(offset, source, device::write);
  }

  private interface Transfer {
    void at(long deviceOffset, MemorySegment part) throws ReportException;
  }

  private void eachPiece(long offset, MemorySegment bytes, Transfer transfer)
      throws ReportException {
    if (((offset | bytes.byteSize()) & (ALIGNMENT - 1)) != 0 || offset < 0) {
      throw new IllegalArgumentException(
          "not a multiple of " + ALIGNMENT + ": " + bytes.byteSize() + " bytes at " + offset);
    }
    if (offset > size() || bytes.byteSize() > size() - offset) {
      throw new ReportException(
          String.format(
              "the store %s has %d bytes, and ends before %d bytes at %d",
              name, size(), bytes.byteSize(), offset),
          "What it holds is unchanged.",
          "Make a larger store.");
    }
    long done = 0;
    for (int piece = pieceAt(offset); done < bytes.byteSize(); piece++) {
      Extent extent = map.extents().get(piece);
      long left = ends[piece] - offset - done;
      long length = Math.min(left, bytes.byteSize() - done);
      transfer.at(extent.end() - left, bytes.asSlice(done, length));
      done += length;
    }
  }

  private int pieceAt(long offset) {
    int low = 0;
    int high = ends.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ends[middle] > offset) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  @Override
  public void flush() throws ReportException {
    device.flush();
  }

  @Override
  public void close() throws ReportException {
    device.close();
  }
}
