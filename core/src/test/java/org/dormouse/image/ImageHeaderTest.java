package org.dormouse.image;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.StringLength;
import org.dormouse.codec.PosixCksum;
import org.dormouse.memory.PageRange;
import org.dormouse.text.KeyValues;
import org.junit.jupiter.api.Test;

class ImageHeaderTest {
  private static final String SHA = "0123456789abcdef".repeat(4);
  private static final SaverFiles FILES = SaverFiles.plan(5_000_000, SHA, 30_000_000, SHA);

  @Property(tries = 300)
  void everySectorComesBack(
      @ForAll ImageState state,
      @ForAll long uuid,
      @ForAll @IntRange(min = 0, max = Integer.MAX_VALUE) int attempts,
      @ForAll @IntRange(min = 0, max = Integer.MAX_VALUE) int restarts,
      @ForAll @StringLength(max = 300) String reason)
      throws ImageFormatException {
    StateSector sector =
        new StateSector(state, new UUID(uuid, ~uuid), attempts, restarts, uuid * 31, "")
            .withReason(reason);
    byte[] bytes = sector.encode();
    assertThat(bytes).hasSize(512);
    assertThat(StateSector.decode(bytes)).isEqualTo(sector);
    assertThat(sector.reason().getBytes(UTF_8).length).isLessThanOrEqualTo(160);
    assertThat(sector.reason().chars()).noneMatch(Character::isISOControl);
  }

  @Test
  void aReasonIsCutBetweenCharacters() {
    assertThat(StateSector.empty("ü".repeat(100)).reason()).isEqualTo("ü".repeat(80));
    assertThat(StateSector.empty("x" + "ü".repeat(100)).reason()).isEqualTo("x" + "ü".repeat(79));
    assertThat(StateSector.empty("a\nb\tc=d").reason()).isEqualTo("a b c=d");
  }

  /** What the document shows. */
  @Test
  void theSectorIsTheTextOfTheDocument() {
    StateSector sector =
        new StateSector(ImageState.COMPLETE, TestMachine.IMAGE, 1, 0, 0xabcdefL, "no disk");
    String text = new String(sector.encode(), US_ASCII);
    assertThat(text)
        .startsWith(
            """
            DORMOUSE 3
            state=COMPLETE
            image=00112233-4455-6677-8899-aabbccddeeff
            attempts=1
            restarts=0
            description=0000000000abcdef
            reason=no disk

            """);
    assertThat(text.substring(496))
        .isEqualTo(
            String.format("check=%010d", PosixCksum.of(text.substring(0, 496).getBytes(US_ASCII))));
  }

  @Property(tries = 200)
  void everyDescriptionComesBack(
      @ForAll @LongRange(min = 0, max = 1L << 40) long seconds,
      @ForAll @LongRange(min = 0x1000, max = (1L << 40) - 5000) long pfn,
      @ForAll @LongRange(min = 0, max = (1L << 52) - 1) long entry,
      @ForAll @IntRange(min = 1, max = Integer.MAX_VALUE) int length) {
    ImageDescription description =
        new ImageDescription(
            Instant.ofEpochSecond(seconds, 123),
            "6.12.117-ü",
            "00ff".repeat(10),
            pfn,
            "UUID=a b=c",
            Optional.of(
                new WakeDescription(
                    new PageRange(pfn, pfn + 5000),
                    new PageRange(1, 0xa0),
                    5,
                    entry,
                    SaverFiles.plan(length, SHA, length, SHA),
                    "console=ttyS0 quiet a=\"b c\"")));
    KeyValues lines = KeyValues.parse(description.lines().toString());
    assertThat(ImageDescription.of(lines)).isEqualTo(description);
    ImageBody body =
        new ImageBody(
            pfn,
            7,
            9,
            (pfn + 7 + 255) / 256,
            new StoredBytes(1L << 40, 64 + 64 * 3, entry * 31),
            (1L << 40) + 256 - FILES.dataOffset(),
            new StoredBytes(4096, 17, entry * 37));
    assertThat(ImageBody.of(KeyValues.parse(body.lines().toString()), FILES.dataOffset()))
        .isEqualTo(body);
  }

  @Test
  void theLongestDescriptionFits() {
    ImageDescription description =
        new ImageDescription(
            Instant.parse("2026-02-03T10:31:00.123456789Z"),
            "r".repeat(64),
            "0".repeat(64),
            1L << 40,
            "n".repeat(160),
            Optional.of(
                new WakeDescription(
                    new PageRange((1L << 40) - 1, 1L << 40),
                    new PageRange(0xff, 0x100),
                    5,
                    (1L << 52) - 1,
                    SaverFiles.plan(1L << 39, SHA, 1L << 38, SHA),
                    "c".repeat(2047))));
    ImageBody body =
        new ImageBody(
            1L << 40,
            1L << 40,
            1L << 40,
            1L << 33,
            new StoredBytes(1L << 53, 1 << 20, -1),
            1L << 53,
            new StoredBytes(4096, ImageBody.DETAILS_BYTES, -1));
    String text = description.lines().withAll(body.lines()).toString();
    assertThat(text.getBytes(UTF_8).length).isLessThanOrEqualTo(HeaderBlock.DESCRIPTION_BYTES);
  }

  @Test
  void whatIsNowhereInMemoryIsRefused() {
    KeyValues lines = description("x").lines();
    assertThat(ImageDescription.of(lines)).isEqualTo(description("x"));
    for (String wrong :
        new String[] {
          "region=0x2000000 0x1000000",
          "region=0x1000001 0x2000000",
          "region=0x1000000 0x10000000001000",
          "region=0x1000000 0x7ffffffffffff000",
          "region=0x1000000 -0x1000",
          "region=0x-1000 0x1000",
          "region=16777216 33554432",
          "region=0x1000000",
          "region=0x1000 0x2000000",
          "low_memory=0x1000 0x200000",
          "low_memory=0xa0000 0x1000",
          "paging_levels=3",
          "paging_levels=4294967300",
          "jump_back_entry=0x10000000000000",
          "jump_back_entry=-1",
          "ram_pages=-1",
          "ram_pages=1099511627777",
          "saver_kernel=0 5000000 " + SHA,
          "saver_kernel=1048576 5000000 " + SHA.substring(1),
          "saver_kernel=1048576 -1 " + SHA,
          "saver_kernel=2097152 5000000 " + SHA,
          "saver_initramfs=1048576 30000000 " + SHA,
          "saver_initramfs=7340032 9223372036854775807 " + SHA,
          "kernel_build_id=xyz"
        }) {
      int equals = wrong.indexOf('=');
      KeyValues changed = lines.with(wrong.substring(0, equals), wrong.substring(equals + 1));
      assertThatIllegalArgumentException().as(wrong).isThrownBy(() -> ImageDescription.of(changed));
    }
  }

  @Test
  void namesThatDoNotFitAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> description("ü".repeat(81)));
    assertThatIllegalArgumentException().isThrownBy(() -> description("a\0b"));
    assertThatIllegalArgumentException().isThrownBy(() -> description("a\nstate=COMPLETE"));
    assertThat(description("ü".repeat(80)).storeName()).hasSize(80);
  }

  @Test
  void theFilesLieAtWholeMebibytes() {
    SaverFiles files = SaverFiles.plan(1 << 20, SHA, (1 << 20) + 1, SHA);
    assertThat(files.kernel().offset()).isEqualTo(1 << 20);
    assertThat(files.initramfs().offset()).isEqualTo(2 << 20);
    assertThat(files.dataOffset()).isEqualTo(4 << 20);
  }

  /** With the right first line and checksum, lest the checksum be all that is tested. */
  @Property(tries = 500)
  void randomBytesAreRefused(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] sector = new byte[512];
    random.nextBytes(sector);
    byte[] start = "DORMOUSE 3\n".getBytes(US_ASCII);
    System.arraycopy(start, 0, sector, 0, start.length);
    assertThat(damageOf(sector)).isEqualTo(Damage.HEADER_DAMAGED);
    assertThat(damageOf(checked(sector))).isEqualTo(Damage.HEADER_DAMAGED);
  }

  /** Lines as they should be with single characters replaced, and the checksum set right. */
  @Property(tries = 500)
  void aSectorWithOtherCharactersIsReadOrRefused(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] sector =
        new StateSector(ImageState.WRITING, TestMachine.IMAGE, 3, 4, 5, "because").encode();
    for (int i = 0; i <= random.nextInt(4); i++) {
      sector[11 + random.nextInt(160)] = (byte) random.nextInt();
    }
    byte[] changed = checked(sector);
    try {
      assertThat(StateSector.decode(changed).attempts()).isNotNegative();
    } catch (ImageFormatException e) {
      assertThat(e.damage()).isEqualTo(Damage.HEADER_DAMAGED);
    }
  }

  @Test
  void aLaterVersionIsNamed() {
    byte[] sector = StateSector.empty("").encode();
    sector[9] = '4';
    assertThat(damageOf(sector)).isEqualTo(Damage.HEADER_DAMAGED);
    assertThat(damageOf(checked(sector))).isEqualTo(Damage.WRONG_VERSION);
  }

  @Test
  void theFirstVersionIsNamed() {
    byte[] sector = new byte[512];
    System.arraycopy("DORMOUSE".getBytes(US_ASCII), 0, sector, 0, 8);
    sector[8] = 1;
    sector[12] = 2;
    assertThat(damageOf(sector)).isEqualTo(Damage.WRONG_VERSION);
  }

  /** The commands that the document gives. */
  @Test
  void aShellReadsAndDiscardsAnImage() throws IOException, InterruptedException {
    assumeThat(Path.of("/usr/bin/cksum")).exists();
    Path file = Files.createTempFile(Path.of("target"), "shell", ".img");
    try (MemoryStore store = TestMachine.completeImage()) {
      Files.write(file, store.contents());
      String script =
          """
          set -e
          check=$(head -c 512 "$1" | tail -c 16)
          set -- "$1" $(head -c 496 "$1" | cksum)
          [ "$check" = "check=$(printf %010d "$2")" ] || { echo damaged; exit 1; }
          head -c 4096 "$1" | sed -n 's/^state=//p; s/^command_line=//p; s/^saver_kernel=//p'
          set -- "$1" $(head -c 4096 "$1" | sed -n 's/^saver_initramfs=//p')
          tail -c "+$(($2 + 1))" "$1" | head -c "$3" | sha256sum | grep -q "$4"

          sector=$(head -c 496 "$1" | sed -e '/^state=/s/=.*/=EMPTY/' -e '/^reason=/s/=.*/=by hand/')
          pad() { printf '%s' "$1"; printf "%$((496 - $(printf %s "$1" | wc -c)))s" '' | tr ' ' '\\n'; }
          { pad "$sector"; printf 'check=%010d' "$(pad "$sector" | cksum | cut -d ' ' -f 1)"; } |
            dd of="$1" bs=512 count=1 conv=notrunc,fsync iflag=fullblock 2>/dev/null
          """;
      Process shell =
          new ProcessBuilder("/bin/sh", "-c", script, "sh", file.toString())
              .redirectErrorStream(true)
              .start();
      String printed = new String(shell.getInputStream().readAllBytes(), UTF_8);
      assertThat(shell.waitFor()).as(printed).isZero();
      StoredFile kernel = TestMachine.files().kernel();
      assertThat(printed.lines())
          .containsExactly(
              "COMPLETE",
              kernel.offset() + " " + kernel.length() + " " + kernel.sha256(),
              "console=ttyS0 dormouse.restore=" + TestMachine.IMAGE);

      byte[] after = Files.readAllBytes(file);
      assertThat(after).hasSameSizeAs(store.contents());
      store.put(0, new String(after, 0, 512, US_ASCII));
      ImageHeader header = Image.header(store);
      assertThat(header.state()).isEqualTo(ImageState.EMPTY);
      assertThat(header.reason()).isEqualTo("by hand");
      assertThat(header.description().flatMap(ImageDescription::wake).orElseThrow().saverFiles())
          .isEqualTo(TestMachine.files());
    } finally {
      Files.delete(file);
    }
  }

  private static ImageDescription description(String storeName) {
    return new ImageDescription(
        Instant.EPOCH,
        "6.12",
        "",
        100,
        storeName,
        Optional.of(
            new WakeDescription(
                new PageRange(0x1000, 0x9000), new PageRange(1, 0xa0), 4, 0, FILES, "quiet")));
  }

  /** The same with the checksum that it should have. */
  private static byte[] checked(byte[] sector) {
    byte[] copy = sector.clone();
    String check = String.format("check=%010d", PosixCksum.of(Arrays.copyOf(sector, 496)));
    System.arraycopy(check.getBytes(US_ASCII), 0, copy, 496, 16);
    return copy;
  }

  private static Damage damageOf(byte[] sector) {
    return catchThrowableOfType(ImageFormatException.class, () -> StateSector.decode(sector))
        .damage();
  }
}
