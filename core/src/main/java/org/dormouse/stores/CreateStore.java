package org.dormouse.stores;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.dormouse.image.Image;
import org.dormouse.linux.BlockDevice;
import org.dormouse.linux.BlockDevices;
import org.dormouse.linux.DeviceMapper.Kind;
import org.dormouse.linux.DeviceNumber;
import org.dormouse.linux.DirectFile;
import org.dormouse.linux.FileExtents;
import org.dormouse.linux.HeldFile;
import org.dormouse.linux.RandomBytes;
import org.dormouse.machine.DiskFacts;
import org.dormouse.machine.DiskLayout;
import org.dormouse.memory.Pages;
import org.dormouse.store.BlockStore;
import org.dormouse.store.Extent;
import org.dormouse.store.ExtentStore;
import org.dormouse.store.Store;
import org.dormouse.store.StoreContents;
import org.dormouse.store.StoreMap;
import org.dormouse.text.Quantity;
import org.dormouse.text.ReportException;

/** Makes stores: in a file, on a logical volume, on a partition. */
public final class CreateStore {
  private static final String UNTOUCHED = "Nothing was changed.";

  /** How often a file is laid out anew whose first piece is too short. */
  private static final int TRIES = 4;

  /**
   * What a file leaves free on its file system, bytes, for others write there too; on a small one
   * this part of it.
   */
  private static final long SPARE = 1L << 30;

  private static final int SPARE_PART = 20;

  /** As many as the kernel gives at once. */
  private static final int TOKEN_BYTES = 256;

  private CreateStore() {}

  /** What a swap area on the device becomes. */
  public enum Swap {
    STAYS,
    MAY_BE_REPLACED
  }

  /**
   * What is to be made.
   *
   * @param place a file that is not there yet, or a device
   * @param bytes how long a file is to be, at least {@link #leastBytes}
   * @param saverBytes how much of a store's beginning has to lie in one piece: what an ordinary
   *     boot reads of it
   * @param swap what becomes of a swap area
   */
  public record Request(Path place, long bytes, long saverBytes, Swap swap) {
    private long leastBytes() {
      return StoreMap.ROOM_BYTES + saverBytes;
    }
  }

  /**
   * What would be done, in lines for people. Changes nothing.
   *
   * @throws ReportException if it cannot be done
   */
  public static List<String> dryRun(Request request) throws IOException {
    if (isDevice(request.place)) {
      checkDevice(request);
      return List.of("makes a store of all of " + request.place);
    }
    long bytes = check(request);
    return List.of(
        String.format(
            "makes the file %s of %s, which nobody can change or remove until 'dormouse store"
                + " remove'",
            request.place, Quantity.bytes(bytes)),
        "writes where it lies in front of it, on the disk itself");
  }

  /**
   * Makes it.
   *
   * @throws ReportException if it cannot be done; nothing is left of it then
   */
  public static NamedStore run(Request request) throws IOException {
    if (isDevice(request.place)) {
      return onDevice(request);
    }
    long bytes = check(request);
    boolean done = false;
    Path file = layOut(request, bytes);
    try {
      StoreLayout layout = StoreFile.layoutOf(file);
      layout.checkFirstPiece(request.saverBytes);
      prove(file, layout);
      HeldFile.hold(file);
      makeStore(StoreFile.layoutOf(file));
      NamedStore made = NamedStore.find(file.toString());
      done = true;
      return made;
    } finally {
      if (!done) {
        HeldFile.release(file);
        Files.delete(file);
      }
    }
  }

  private static void makeStore(StoreLayout layout) throws IOException {
    try (ExtentStore store = ExtentStore.make(layout.disk(), layout.map())) {
      Image.blank(store);
    }
  }

  private static boolean isDevice(Path place) throws IOException {
    return Files.exists(place) && BlockDevices.isBlockDevice(place);
  }

  /** Refuses what cannot be; returns how many bytes the file will have. */
  private static long check(Request request) throws IOException {
    Path place = request.place;
    if (Files.exists(place)) {
      throw new ReportException(
          place + " exists already",
          UNTOUCHED,
          "Name a file that does not, or remove the store: dormouse store remove " + place);
    }
    Path folder = place.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new ReportException(
          "there is no folder for " + place, UNTOUCHED, "Make it, or name another one.");
    }
    StoreFile.checkFileSystem(folder);
    DiskLayout disks = new DiskLayout(DiskFacts.observe());
    BlockDevice device = StoreFile.deviceOf(folder, disks);
    if (disks.extents(device).isEmpty()) {
      throw new ReportException(
          folder
              + " is on "
              + device.node()
              + ", whose bytes cannot be followed down to a disk ("
              + String.join(", ", disks.targets(device))
              + ")",
          UNTOUCHED,
          "Name a file on a partition, on LVM's linear volumes or on LUKS; or a partition.");
    }
    long bytes = Pages.alignUp(Math.max(request.bytes, request.leastBytes()), Pages.SIZE);
    FileStore files = Files.getFileStore(folder);
    long room = files.getUsableSpace();
    long spare = Math.min(SPARE, files.getTotalSpace() / SPARE_PART);
    if (bytes > room - spare) {
      throw new ReportException(
          String.format(
              "%s has %s free, of which %s have to stay, and the store takes %s",
              folder, Quantity.bytes(room), Quantity.bytes(spare), Quantity.bytes(bytes)),
          UNTOUCHED,
          "Make room, or say how large it may be: --size. A smaller one holds what is in use, as"
              + " long as that is less.");
    }
    return bytes;
  }

  /**
   * Whether what is written at a place is encrypted on its way to the disk, so that an image, which
   * is written past that, has to be sealed.
   *
   * @param place a folder, or a device
   */
  public static boolean isBelowEncryption(Path place) throws IOException {
    DiskLayout disks = new DiskLayout(DiskFacts.observe());
    Optional<BlockDevice> device =
        isDevice(place)
            ? disks.device(DeviceNumber.ofNode(place))
            : Optional.of(StoreFile.deviceOf(place, disks));
    return device.stream()
        .flatMap(each -> disks.extents(each).stream())
        .anyMatch(extent -> extent.kind() == Kind.ENCRYPTED);
  }

  /**
   * Makes the file. Its beginning comes first; if that is torn, others are made until one is not.
   */
  private static Path layOut(Request request, long bytes) throws IOException {
    Path file = request.place.toAbsolutePath();
    List<Path> torn = new ArrayList<>();
    try {
      HeldFile.create(file, request.leastBytes());
      while (torn.size() < TRIES && firstPiece(file) < request.leastBytes()) {
        // It keeps its place meanwhile, so that the next one gets another.
        Path aside = file.resolveSibling(file.getFileName() + ".torn-" + torn.size());
        Files.move(file, aside);
        torn.add(aside);
        HeldFile.create(file, request.leastBytes());
      }
    } finally {
      for (Path each : torn) {
        Files.delete(each);
      }
    }
    boolean grown = false;
    try {
      HeldFile.grow(file, bytes);
      grown = true;
      return file;
    } finally {
      if (!grown) {
        Files.delete(file);
      }
    }
  }

  private static long firstPiece(Path file) throws IOException {
    long length = 0;
    long end = -1;
    for (FileExtents.Extent piece : FileExtents.of(file)) {
      if (length > 0 && piece.offset() != end) {
        break;
      }
      length += piece.length();
      end = piece.offset() + piece.length();
    }
    return length;
  }

  /**
   * Writes into the file, at the beginning of each piece, and looks for it on the disk: a map that
   * is wrong would have a saver destroy what others have there.
   */
  private static void prove(Path file, StoreLayout layout) throws IOException {
    try (Arena arena = Arena.ofConfined();
        BlockStore written = BlockStore.forWriting(file);
        DirectFile disk = DirectFile.open(layout.disk().node(), DirectFile.Access.READ)) {
      MemorySegment token = arena.allocate(Store.ALIGNMENT, Store.ALIGNMENT);
      MemorySegment before = arena.allocate(Store.ALIGNMENT, Store.ALIGNMENT);
      MemorySegment after = arena.allocate(Store.ALIGNMENT, Store.ALIGNMENT);
      RandomBytes.fill(token.asSlice(0, TOKEN_BYTES));
      long start = 0;
      for (Extent extent : layout.map().extents()) {
        disk.read(extent.offset(), before);
        written.write(start, token);
        written.flush();
        disk.read(extent.offset(), after);
        // Below an encrypted volume it arrives as something else; that nothing else changes is the
        // volume's table.
        boolean arrived =
            layout.map().content() == StoreMap.Content.ANY
                ? after.mismatch(token) == -1
                : after.mismatch(before) != -1;
        if (!arrived) {
          throw new ReportException(
              String.format(
                  "what is written into %s does not arrive on %s at byte %d, where its file system"
                      + " says that it lies",
                  file, layout.disk().node(), extent.offset()),
              UNTOUCHED,
              "Name a partition, and report this.");
        }
        start += extent.length();
      }
    }
  }

  // --- On a device
  // ---------------------------------------------------------------------------------

  /** Whether it is one that the device mapper has made, so that a saver finds it on its disk. */
  static boolean isVolume(BlockDevice device) {
    return device.name().startsWith("dm-");
  }

  /** Where a volume lies. */
  static StoreLayout layoutOf(Path node, BlockDevice volume) throws IOException {
    DiskLayout disks = new DiskLayout(DiskFacts.observe());
    long bytes = Pages.alignDown(volume.place().size(), Store.ALIGNMENT);
    return StoreFile.checked(
        StoreLayout.of(
            new StoreLayout.Seen(
                node,
                bytes,
                List.of(new FileExtents.Extent(0, 0, bytes, Set.of())),
                disks.extents(volume),
                disks.targets(volume))));
  }

  private static Optional<StoreLayout> checkDevice(Request request) throws IOException {
    try (BlockStore device = BlockStore.forWriting(request.place)) {
      StoreContents contents = StoreContents.probe(device);
      WaitingImage.check(device);
      if (contents instanceof StoreContents.Foreign(String what)
          && !(what.equals(StoreContents.SWAP) && request.swap == Swap.MAY_BE_REPLACED)) {
        throw new ReportException(
            request.place + " holds " + what,
            UNTOUCHED,
            what.equals(StoreContents.SWAP)
                ? "If it is not needed any more (swapoff, and its line out of /etc/fstab):"
                    + " --replace-swap"
                : "Name another device, or, if what is there can go: wipefs --all "
                    + request.place
                    + " && blkdiscard --zeroout "
                    + request.place);
      }
    }
    Optional<BlockDevice> volume =
        new DiskLayout(DiskFacts.observe())
            .device(DeviceNumber.ofNode(request.place))
            .filter(CreateStore::isVolume);
    if (volume.isEmpty()) {
      return Optional.empty();
    }
    StoreLayout layout = layoutOf(request.place, volume.get());
    layout.checkFirstPiece(request.saverBytes);
    return Optional.of(layout);
  }

  private static NamedStore onDevice(Request request) throws IOException {
    Optional<StoreLayout> volume = checkDevice(request);
    if (volume.isPresent()) {
      makeStore(volume.get());
    } else {
      try (BlockStore device = BlockStore.forWriting(request.place)) {
        Image.blank(device);
      }
    }
    return NamedStore.find(request.place.toString());
  }
}
