package org.dormouse.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.PageSet;
import org.dormouse.vmcore.PageCensus;
import org.junit.jupiter.api.Test;

class MemoryPictureTest {
  private static final long MIB = 256;

  @Test
  void everyPageIsCountedOnceAndHolesAreLeftOut() {
    try (Arena arena = Arena.ofShared()) {
      List<PageRange> ram =
          List.of(new PageRange(1, 48 * MIB), new PageRange(4096 * MIB + 3, 4096 * MIB + 4 * MIB));
      PageSet zero = PageSet.of(arena, 4200 * MIB, List.of(new PageRange(100, 400)));
      PageRange region = new PageRange(16 * MIB, 20 * MIB);
      MemoryPicture picture =
          MemoryPicture.draw(ram, PageCensus.unknown(ram, "a test"), zero, Optional.of(region));
      long pages = 48 * MIB - 1 + 4 * MIB - 3;
      assertThat(picture.totals())
          .isEqualTo(
              Map.of(
                  PictureKind.ZERO,
                  300L,
                  PictureKind.SAVER_REGION,
                  4 * MIB,
                  PictureKind.UNKNOWN,
                  pages - 300 - 4 * MIB));
      // Four parts of 16 MiB: three below, and the one at 4 GiB.
      assertThat(picture.parts())
          .extracting(MemoryPicture.Part::start)
          .containsExactly(0L, 16 * MIB, 32 * MIB, 4096 * MIB);
      assertThat(picture.width() * picture.height()).isEqualTo(128 * 128);
    }
  }

  @Test
  void aPageHasTheColorOfItsKindWhereTheCurvePutsIt() throws Exception {
    try (Arena arena = Arena.ofShared()) {
      List<PageRange> ram = List.of(new PageRange(0, 16 * MIB));
      PageSet zero = PageSet.of(arena, 16 * MIB, List.of(new PageRange(1000, 1001)));
      MemoryPicture picture =
          MemoryPicture.draw(ram, PageCensus.unknown(ram, "a test"), zero, Optional.empty());
      byte[] png = PngFile.of(picture.width(), picture.height(), picture.colors());
      BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
      assertThat(image.getWidth()).isEqualTo(64);
      assertThat(image.getHeight()).isEqualTo(64);
      for (int place : new int[] {0, 999, 1000, 1001, 4095}) {
        int cell = HilbertCurve.cell(64, place);
        PictureKind kind = place == 1000 ? PictureKind.ZERO : PictureKind.UNKNOWN;
        assertThat(image.getRGB(cell % 64, cell / 64) & 0xffffff)
            .as("page %d", place)
            .isEqualTo(kind.color());
      }
    }
  }

  @Test
  void largeMemoryIsMixedIntoCells() {
    try (Arena arena = Arena.ofShared()) {
      List<PageRange> ram = List.of(new PageRange(0, 16384 * MIB));
      PageSet zero = PageSet.of(arena, 16384 * MIB, List.of(new PageRange(0, 2)));
      MemoryPicture picture =
          MemoryPicture.draw(ram, PageCensus.unknown(ram, "a test"), zero, Optional.empty());
      assertThat(picture.width()).isEqualTo(1024);
      assertThat(picture.height()).isEqualTo(1024);
      // Four pages to a cell, of the first two are zero.
      int red = (PictureKind.ZERO.color() >>> 16) + (PictureKind.UNKNOWN.color() >>> 16);
      assertThat(Byte.toUnsignedInt(picture.colors()[0])).isEqualTo(red / 2);
    }
  }

  @Test
  void bothFormatsCanBeReadAndNameWhatTheyShow() throws Exception {
    try (Arena arena = Arena.ofShared()) {
      List<PageRange> ram = List.of(new PageRange(0, 64 * MIB));
      MemoryPicture picture =
          MemoryPicture.draw(
              ram,
              PageCensus.unknown(ram, "a test"),
              PageSet.empty(arena, 64 * MIB),
              Optional.empty());
      byte[] svg = PictureFormat.SVG.write(picture, "a < b & c", "more");
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new ByteArrayInputStream(svg));
      assertThat(new String(svg, StandardCharsets.UTF_8))
          .contains("a &lt; b &amp; c")
          .contains("in use, unknown")
          .contains("64 MiB")
          .contains("100.0 %");
      byte[] png = PictureFormat.PNG.write(picture, "title", "more");
      BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
      assertThat(image.getWidth()).isGreaterThan(1024);
      assertThat(PictureFormat.of("x.PNG")).contains(PictureFormat.PNG);
      assertThat(PictureFormat.of("x.jpg")).isEmpty();
    }
  }
}
