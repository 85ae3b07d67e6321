package org.dormouse.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoreContentsTest {
  private static final int SIZE = 1 << 20;

  private Path path;

  @BeforeEach
  void makeFile() throws IOException {
    path = Files.createTempFile(Path.of("target"), "contents", ".img");
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(SIZE);
    }
  }

  @AfterEach
  void deleteFile() throws IOException {
    Files.delete(path);
  }

  @Test
  void zerosAreEmpty() throws IOException {
    assertThat(probe()).isEqualTo(new StoreContents.Empty());
  }

  @Test
  void anImageIsOursWhateverElseIsThere() throws IOException {
    put(0, "DORMOUSE".getBytes(StandardCharsets.US_ASCII));
    put(1080, HexFormat.of().parseHex("53ef"));
    assertThat(probe()).isEqualTo(new StoreContents.Dormouse());
  }

  @ParameterizedTest
  @CsvSource({
    "1080, 53ef, ext4",
    "4086, 53574150535041434532, swap",
    "4086, 533153555350454e44, hibernation image of the kernel",
    "510, 55aa, MBR",
    "512, 4546492050415254, GPT",
    "1044480, 4546492050415254, GPT",
    "1048064, 4546492050415254, backup GPT",
    "0, 4c554b53babe, LUKS",
    "0, 58465342, XFS",
    "65600, 5f42485266535f4d, btrfs",
    "512, 4c4142454c4f4e45, LVM",
    "4096, fc4e2ba9, RAID",
    "0, 01, unknown",
    "131071, 01, unknown",
    "1048575, 01, unknown",
  })
  void otherDataIsForeign(int offset, String bytes, String what) throws IOException {
    put(offset, HexFormat.of().parseHex(bytes));
    assertThat(probe())
        .isInstanceOfSatisfying(
            StoreContents.Foreign.class, foreign -> assertThat(foreign.what()).contains(what));
  }

  @Test
  void aPartitionTableWithAFileSystemIsNamedByTheFileSystem() throws IOException {
    put(510, HexFormat.of().parseHex("55aa"));
    put(1080, HexFormat.of().parseHex("53ef"));
    assertThat(probe()).isEqualTo(new StoreContents.Foreign("an ext2, ext3 or ext4 file system"));
  }

  private StoreContents probe() throws IOException {
    try (Store store = BlockStore.forReading(path)) {
      return StoreContents.probe(store);
    }
  }

  private void put(int offset, byte[] bytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.getChannel().write(ByteBuffer.wrap(bytes), offset);
    }
  }
}
