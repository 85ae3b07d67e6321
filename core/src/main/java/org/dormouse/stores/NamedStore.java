package org.dormouse.stores;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.dormouse.linux.BlockDevice;
import org.dormouse.linux.BlockDevices;
import org.dormouse.linux.DeviceNumber;
import org.dormouse.linux.HeldFile;
import org.dormouse.machine.DiskFacts;
import org.dormouse.machine.DiskLayout;
import org.dormouse.store.BlockStore;
import org.dormouse.store.ExtentStore;
import org.dormouse.store.Store;
import org.dormouse.store.StoreContents;
import org.dormouse.store.StoreLocation;
import org.dormouse.store.StoreMap;
import org.dormouse.text.Quantity;
import org.dormouse.text.ReportException;

/**
 * A store of the running machine by the name that a person gives it: a device, or a file made by
 * {@link CreateStore}, or where one of these is ({@link StoreLocation}). Whoever finds it knows
 * that it is where it says that it is.
 */
public final class NamedStore {
  private static final String UNTOUCHED = "Nothing was changed; the machine goes on.";
  private static final Path BY_PARTUUID = Path.of("/dev/disk/by-partuuid");
  private static final Path BY_UUID = Path.of("/dev/disk/by-uuid");

  private final String name;
  private final Path device;
  private final Optional<Pieces> pieces;

  /**
   * Of a store that lies in pieces.
   *
   * @param map where
   * @param disk on which disk or partition
   */
  private record Pieces(StoreMap map, BlockDevice disk) {}

  private NamedStore(String name, Path device, Optional<Pieces> pieces) {
    this.name = name;
    this.device = device;
    this.pieces = pieces;
  }

  /**
   * Finds it, and checks that it lies where it did when it was made.
   *
   * @param name a path, or a location
   * @throws ReportException if there is no such store, or it does not lie there any more
   */
  public static NamedStore find(String name) throws IOException {
    Path path = pathOf(name);
    if (Files.isRegularFile(path)) {
      return inFile(name, path);
    }
    StoreLocation location = StoreLocation.parse(name);
    if (location.offset().isPresent() && !Files.exists(path)) {
      return at(name, nodeOf(location.device()), location.offset().getAsLong());
    }
    Path node = nodeOf(name);
    Optional<BlockDevice> volume = volume(node);
    return volume.isPresent()
        ? onVolume(name, node, volume.get())
        : new NamedStore(name, node, Optional.empty());
  }

  /** The same for a store that may be just a file or device with an image, made anywhere. */
  public static Store openForReading(Path path) throws IOException {
    if (Files.isRegularFile(path) && !HeldFile.isImmutable(path)) {
      return BlockStore.forReading(path);
    }
    return find(path.toString()).openForReading();
  }

  /** The same, for reading and writing. */
  public static Store openForWriting(Path path) throws IOException {
    if (Files.isRegularFile(path) && !HeldFile.isImmutable(path)) {
      return BlockStore.forWriting(path);
    }
    return find(path.toString()).openForWriting();
  }

  private static NamedStore inFile(String name, Path file) throws IOException {
    if (!HeldFile.isImmutable(file)) {
      throw new ReportException(
          file + " is a file that is no store: nothing holds it in its place on the disk",
          UNTOUCHED,
          "Make one, of another name: dormouse store create FILE");
    }
    return found(name, file.toRealPath(), StoreFile.layoutOf(file));
  }

  private static NamedStore found(String name, Path file, StoreLayout now) throws IOException {
    Path disk = now.disk().node();
    try (ExtentStore store = ExtentStore.forReading(disk, now.map().storeOffset())) {
      StoreMap then = store.map();
      if (!then.extents().equals(now.map().extents())
          || then.content() != now.map().content()
          || then.deviceBytes() != now.map().deviceBytes()) {
        throw moved(file);
      }
      return new NamedStore(name, disk, Optional.of(new Pieces(then, now.disk())));
    }
  }

  private static ReportException moved(Path file) {
    return new MovedStoreException(
        file
            + " does not lie on the disk where it did when it was made: its map names other places",
        UNTOUCHED,
        "Make it anew: dormouse store remove "
            + file
            + " && dormouse store create "
            + file
            + "; then have the next boot look there (dormouse store location).");
  }

  /** By its place: its map says which file it is, and that has to lie there. */
  private static NamedStore at(String name, Path device, long offset) throws IOException {
    String file;
    try (ExtentStore store = ExtentStore.forReading(device, offset)) {
      file = store.map().file();
    }
    NamedStore found = find(file);
    if (!found.offset().equals(OptionalLong.of(offset))
        || !DeviceNumber.ofNode(found.device).equals(DeviceNumber.ofNode(device))) {
      throw new ReportException(
          name + " is not where " + file + " lies, which is at " + found.location(),
          UNTOUCHED,
          "Name the file, and have the next boot look there (dormouse store location).");
    }
    return new NamedStore(name, found.device, found.pieces);
  }

  private static NamedStore onVolume(String name, Path node, BlockDevice volume)
      throws IOException {
    return found(name, node, CreateStore.layoutOf(node, volume));
  }

  /** What the device mapper has made, if the node is that. */
  private static Optional<BlockDevice> volume(Path node) throws IOException {
    if (!Files.exists(node) || !BlockDevices.isBlockDevice(node)) {
      return Optional.empty();
    }
    return new DiskLayout(DiskFacts.observe())
        .device(DeviceNumber.ofNode(node))
        .filter(CreateStore::isVolume);
  }

  /**
   * The file or device node that a name or location means. Whether there is such a store is not
   * looked at.
   */
  public static Path placeOf(String name) throws ReportException {
    Path path = pathOf(name);
    return Files.exists(path) ? path : nodeOf(StoreLocation.parse(name).device());
  }

  private static Path pathOf(String name) throws ReportException {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new ReportException("'" + name + "' is no name", UNTOUCHED, "Name a device or file.");
    }
  }

  /** The node of {@code DEVICE}. */
  private static Path nodeOf(String device) throws ReportException {
    if (device.startsWith("PARTUUID=")) {
      return BY_PARTUUID.resolve(device.substring("PARTUUID=".length()).toLowerCase(Locale.ROOT));
    }
    if (device.startsWith("UUID=")) {
      return BY_UUID.resolve(device.substring("UUID=".length()));
    }
    return pathOf(device);
  }

  /** As the user named it. */
  public String name() {
    return name;
  }

  /** Where on its device it is; empty for a store that is the whole device. */
  public OptionalLong offset() {
    return pieces.isPresent()
        ? OptionalLong.of(pieces.get().map.storeOffset())
        : OptionalLong.empty();
  }

  /** Where it lies, if it lies in pieces. */
  public Optional<StoreMap> map() {
    return pieces.map(Pieces::map);
  }

  /** The word for where it is, by which the next boot finds it ({@link StoreLocation}). */
  public String location() throws IOException {
    String word = BlockDevices.link(BY_PARTUUID, device).map(id -> "PARTUUID=" + id).orElse(name);
    if (pieces.isEmpty()) {
      return word;
    }
    String found = word.equals(name) ? device.toString() : word;
    return StoreLocation.at(found, pieces.get().map.storeOffset()).text();
  }

  /**
   * Refuses to have an image overwrite what somebody may miss.
   *
   * @throws ReportException if there is something that is not Dormouse's
   */
  public void checkContents() throws IOException {
    try (Store store = openForReading()) {
      checkContents(store);
    }
  }

  /** The same of a store that is open. */
  public static void checkContents(Store store) throws ReportException {
    if (StoreContents.probe(store) instanceof StoreContents.Foreign(String what)) {
      throw new ReportException(
          store.name() + " holds " + what,
          UNTOUCHED,
          what.equals(StoreContents.SWAP)
              ? "If it is not needed any more (swapoff, and its line out of /etc/fstab): dormouse"
                  + " store create "
                  + store.name()
                  + " --replace-swap"
              : "Name another store, or, if what is there can go: wipefs --all "
                  + store.name()
                  + " && blkdiscard --zeroout "
                  + store.name());
    }
  }

  /** Opens it; it may be in use. */
  public Store openForReading() throws ReportException {
    return pieces.isPresent()
        ? ExtentStore.forReading(device, pieces.get().map.storeOffset())
        : BlockStore.forReading(device);
  }

  /** Opens it; a store that is a device must not be in use. */
  public Store openForWriting() throws ReportException {
    return pieces.isPresent() ? openPieces() : BlockStore.forWriting(device);
  }

  /** Likewise, one that lies in pieces. */
  ExtentStore openPieces() throws ReportException {
    Pieces own = pieces.orElseThrow();
    return ExtentStore.forSharedWriting(own.disk, own.map.storeOffset());
  }

  /**
   * Refuses to have an image there that must not be.
   *
   * @param sealed whether it is sealed
   * @param saverBytes how many bytes from the first one on an ordinary boot reads in one go
   */
  public void checkFor(boolean sealed, long saverBytes) throws ReportException {
    if (pieces.isEmpty()) {
      return;
    }
    StoreMap map = pieces.get().map;
    if (map.content() == StoreMap.Content.SEALED && !sealed) {
      throw new ReportException(
          name
              + " lies below an encrypted volume, and the image, written past it, would not be"
              + " encrypted",
          UNTOUCHED,
          "Have images sealed: dormouse key create");
    }
    if (map.firstPieceBytes() < saverBytes) {
      throw new ReportException(
          String.format(
              "the first piece of %s has %s, and the saver's files, which lie there, take %s",
              name, Quantity.bytes(map.firstPieceBytes()), Quantity.bytes(saverBytes)),
          UNTOUCHED,
          "Make it anew: dormouse store remove, dormouse store create.");
    }
  }
}
