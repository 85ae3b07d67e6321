package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import org.dormouse.lab.demo.GuestState;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.demo.Wake;
import org.dormouse.lab.qemu.Machine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every image that cannot be resumed: the machine says which it is and boots normally, and the
 * store is as it was, but for the header of an image that is taken away. Then the undamaged image
 * wakes, once.
 */
class ImagesThatAreNotResumedIT {
  private static final Duration BOOT = Duration.ofMinutes(2);
  private static final int HEADER_BYTES = 4096;

  // Offsets in the header: docs/image-format.md
  private static final int CREATED = 32;
  private static final int INDEX_OFFSET = 208;
  private static final long FIRST_CHUNK = 4096;

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  void eachIsNamedAndTheMachineBoots() throws Exception {
    Path folder = bed.folder("images");
    try (Scenario scenario =
        Scenario.prepare(bed.software(), bed.machine().withMemoryBytes(512L << 20), folder)) {
      boots(scenario, "no image on /dev/vdb");
      interruptedSaveIsNoImage(scenario);
      scenario.startWorkload(3);
      GuestState before = scenario.state();
      scenario.hibernate();

      Disk disk = new Disk(scenario.imageDisk());
      long index = disk.longAt(INDEX_OFFSET);
      flipped(scenario, disk, CREATED, "the image's header is damaged");
      flipped(scenario, disk, index + 8, "the image's index is damaged");
      flipped(scenario, disk, FIRST_CHUNK + 100, "a chunk of the image is damaged");
      fromAnotherMemoryMap(scenario, disk);

      wakesOnce(scenario, before);
      truncated(scenario, disk);
    }
    bed.tidy(folder);
  }

  private static void interruptedSaveIsNoImage(Scenario scenario) throws Exception {
    scenario.shell().start("dormouse hibernate");
    scenario.machine().awaitLine("dormouse: stage save$", BOOT);
    scenario.machine().kill();
    boots(scenario, "was not written to its end");
  }

  /** One bit is wrong: nothing wakes. Puts all back as it was. */
  private static void flipped(Scenario scenario, Disk disk, long offset, String message)
      throws Exception {
    byte[] header = disk.read(0, HEADER_BYTES);
    disk.flip(offset);
    String rest = disk.digestAfterHeader();
    boots(scenario, message);
    assertThat(disk.digestAfterHeader()).isEqualTo(rest);
    scenario.machine().kill();
    disk.flip(offset);
    disk.write(0, header);
  }

  private static void fromAnotherMemoryMap(Scenario scenario, Disk disk) throws Exception {
    String before = disk.digest();
    try (Machine other = scenario.powerOnAs(scenario.options().withMemoryBytes(640L << 20))) {
      other.awaitLine("from another machine, or from another memory map", BOOT);
      other.awaitLine("guest: ready", BOOT);
    }
    assertThat(disk.digest()).isEqualTo(before);
  }

  private static void wakesOnce(Scenario scenario, GuestState before) throws Exception {
    scenario.wake(Wake.KEXEC);
    assertThat(scenario.state().text("boot_id")).isEqualTo(before.text("boot_id"));
    scenario.machine().kill();
    boots(scenario, "was used already");
  }

  /** The end of the store is missing, and with it the index: as if the disk were a smaller one. */
  private static void truncated(Scenario scenario, Disk disk) throws Exception {
    scenario.hibernate();
    disk.truncate(Math.floorDiv(disk.longAt(INDEX_OFFSET), 1 << 20) << 20);
    boots(scenario, "the image is cut short");
    scenario.machine().kill();
  }

  private static void boots(Scenario scenario, String message) throws Exception {
    scenario.powerOn();
    scenario.machine().awaitLine(message, BOOT);
    scenario.machine().awaitLine("guest: ready", BOOT);
  }

  /** The host's file behind a disk. */
  private record Disk(Path file) {
    byte[] read(long offset, int length) throws IOException {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining() && channel.read(bytes, offset + bytes.position()) >= 0) {}
        assertThat(bytes.hasRemaining()).isFalse();
        return bytes.array();
      }
    }

    void write(long offset, byte[] bytes) throws IOException {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        assertThat(channel.write(ByteBuffer.wrap(bytes), offset)).isEqualTo(bytes.length);
      }
    }

    void flip(long offset) throws IOException {
      byte[] one = read(offset, 1);
      one[0] ^= 0x10;
      write(offset, one);
    }

    void truncate(long size) throws IOException {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(size);
      }
    }

    long longAt(long offset) throws IOException {
      return ByteBuffer.wrap(read(offset, Long.BYTES)).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    String digest() throws Exception {
      return digestFrom(0);
    }

    String digestAfterHeader() throws Exception {
      return digestFrom(HEADER_BYTES);
    }

    private String digestFrom(long start) throws Exception {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
        channel.position(start);
        while (channel.read(buffer) >= 0) {
          digest.update(buffer.flip());
          buffer.clear();
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    }
  }
}
