package org.dormouse.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.dormouse.linux.BlockDevice;
import org.dormouse.linux.DeviceMapper.Kind;
import org.dormouse.linux.DeviceNumber;
import org.dormouse.linux.FileExtents;
import org.dormouse.linux.FileExtents.Flag;
import org.dormouse.machine.DiskExtent;
import org.dormouse.store.Extent;
import org.dormouse.store.StoreMap.Content;
import org.dormouse.text.ReportException;
import org.junit.jupiter.api.Test;

class StoreLayoutTest {
  private static final int BLOCK = 4096;
  private static final long MIB = 1 << 20;
  private static final BlockDevice DISK = disk("sda2", "8:2");

  private static BlockDevice disk(String name, String number) {
    return new BlockDevice(
        DeviceNumber.parse(number),
        name,
        new BlockDevice.Place("sda", MIB, 1L << 40),
        new BlockDevice.Hardware("", "", ""),
        List.of());
  }

  private static FileExtents.Extent piece(long start, long offset, long length, Flag... flags) {
    return new FileExtents.Extent(start, offset, length, Set.of(flags));
  }

  private static DiskExtent part(long start, long length, long offset) {
    return new DiskExtent(start, length, DISK, offset, Kind.PLAIN);
  }

  private static StoreLayout.Seen seen(
      long bytes, List<FileExtents.Extent> pieces, List<DiskExtent> device) {
    return new StoreLayout.Seen(Path.of("/store"), bytes, pieces, device, List.of("linear"));
  }

  /** Against a table of each block: a file in pieces on a volume in pieces. */
  @Property(tries = 200)
  void eachBlockIsWhereTheFileSystemAndTheVolumePutIt(@ForAll long seed) throws Exception {
    Random random = new Random(seed);
    // The volume: pieces in its own order, anywhere on the disk.
    List<DiskExtent> device = new ArrayList<>();
    Map<Long, Long> diskBlock = new HashMap<>();
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      places.add(i);
    }
    Collections.shuffle(places, random);
    long volume = 0;
    for (int place : places) {
      long blocks = place == places.getFirst() ? 600 : 1 + random.nextInt(600);
      long offset = place * 1000L * BLOCK;
      device.add(part(volume * BLOCK, blocks * BLOCK, offset));
      for (long i = 0; i < blocks; i++) {
        diskBlock.put(volume + i, offset / BLOCK + i);
      }
      volume += blocks;
    }
    // The file: first a long piece that lies in one place, then single ones.
    List<FileExtents.Extent> file = new ArrayList<>();
    List<Long> expected = new ArrayList<>();
    List<Long> free = new ArrayList<>();
    for (long i = 300; i < volume; i++) {
      free.add(i);
    }
    Collections.shuffle(free, random);
    file.add(piece(0, 0, 300L * BLOCK, Flag.UNWRITTEN));
    for (long i = 0; i < 300; i++) {
      expected.add(diskBlock.get(i));
    }
    for (long block : free.subList(0, Math.min(free.size(), 50))) {
      file.add(piece(expected.size() * (long) BLOCK, block * BLOCK, BLOCK));
      expected.add(diskBlock.get(block));
    }
    StoreLayout layout = StoreLayout.of(seen(expected.size() * (long) BLOCK, file, device));
    List<Long> found = new ArrayList<>();
    for (Extent extent : layout.map().extents()) {
      for (long at = extent.offset(); at < extent.end(); at += BLOCK) {
        found.add(at / BLOCK);
      }
    }
    assertThat(found).isEqualTo(expected);
    assertThat(layout.disk()).isEqualTo(DISK);
    assertThat(layout.map().content()).isEqualTo(Content.ANY);
  }

  @Test
  void neighboursAreOnePiece() throws Exception {
    StoreLayout layout =
        StoreLayout.of(
            seen(
                4 * MIB,
                List.of(piece(0, 8 * MIB, 2 * MIB), piece(2 * MIB, 10 * MIB, 2 * MIB)),
                List.of(part(0, 9 * MIB, 100 * MIB), part(9 * MIB, 9 * MIB, 109 * MIB))));
    assertThat(layout.map().extents()).containsExactly(new Extent(108 * MIB, 4 * MIB));
    layout.checkFirstPiece(3 * MIB);
    layout.checkFirstPiece(1L << 40);
  }

  @Test
  void aTornBeginningIsRefused() throws Exception {
    StoreLayout layout =
        StoreLayout.of(
            seen(
                8 * MIB,
                List.of(piece(0, 0, 2 * MIB), piece(2 * MIB, 4 * MIB, 6 * MIB)),
                List.of(part(0, 64 * MIB, 0))));
    layout.checkFirstPiece(MIB);
    assertThatThrownBy(() -> layout.checkFirstPiece(MIB + BLOCK))
        .isInstanceOf(ReportException.class)
        .hasMessageContaining("first piece");
  }

  @Test
  void whatIsEncryptedBelowMayOnlyHoldSealedImages() throws Exception {
    DiskExtent crypt = new DiskExtent(0, 64 * MIB, DISK, 16 * MIB, Kind.ENCRYPTED);
    StoreLayout layout =
        StoreLayout.of(seen(4 * MIB, List.of(piece(0, MIB, 4 * MIB)), List.of(crypt)));
    assertThat(layout.map().content()).isEqualTo(Content.SEALED);
    assertThat(layout.map().extents()).containsExactly(new Extent(17 * MIB, 4 * MIB));
  }

  @Test
  void whatASaverCouldNotWriteIsRefusedInOneSentence() {
    List<DiskExtent> whole = List.of(part(0, 64 * MIB, 0));
    refused("shares blocks", List.of(piece(0, 0, 4 * MIB, Flag.SHARED)), whole);
    refused("compressed or encrypted", List.of(piece(0, 0, 4 * MIB, Flag.ENCODED)), whole);
    refused("not known", List.of(piece(0, 0, 4 * MIB, Flag.DELAYED)), whole);
    refused("not known", List.of(piece(0, 0, 4 * MIB, Flag.UNKNOWN)), whole);
    refused("whole blocks", List.of(piece(0, 0, 4 * MIB, Flag.UNALIGNED)), whole);
    refused("whole blocks", List.of(piece(0, 1024, 4 * MIB)), whole);
    refused("a hole at byte 0", List.of(), whole);
    refused("a hole at byte 1048576", List.of(piece(0, 0, MIB)), whole);
    refused(
        "a hole at byte 1048576",
        List.of(piece(0, 0, MIB), piece(2 * MIB, 4 * MIB, 2 * MIB)),
        whole);
    List<FileExtents.Extent> file = List.of(piece(0, 0, 4 * MIB));
    refused("cannot be followed down to a disk (linear)", file, List.of());
    refused("cannot be followed", file, List.of(part(0, 2 * MIB, 0)));
    refused("cannot be followed", file, List.of(part(0, MIB, 0), part(2 * MIB, 8 * MIB, 2 * MIB)));
    BlockDevice other = disk("sdb1", "8:17");
    refused(
        "several disks, /dev/sda2 and /dev/sdb1",
        file,
        List.of(part(0, 2 * MIB, 0), new DiskExtent(2 * MIB, 8 * MIB, other, 0, Kind.PLAIN)));
  }

  @Test
  void tooManyPiecesAreRefused() {
    List<FileExtents.Extent> file = new ArrayList<>();
    for (long i = 0; i < 5000; i++) {
      file.add(piece(i * 2 * MIB, i * 4 * MIB, 2 * MIB));
    }
    assertThatThrownBy(
            () -> StoreLayout.of(seen(5000 * 2 * MIB, file, List.of(part(0, 1L << 39, 0)))))
        .isInstanceOf(ReportException.class)
        .hasMessageContaining("lies in 5000 pieces, and 4096 can be told");
  }

  private static void refused(
      String why, List<FileExtents.Extent> pieces, List<DiskExtent> device) {
    assertThatThrownBy(() -> StoreLayout.of(seen(4 * MIB, pieces, device)))
        .isInstanceOf(ReportException.class)
        .hasMessageContaining(why);
  }
}
