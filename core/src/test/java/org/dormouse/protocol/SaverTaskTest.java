package org.dormouse.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.dormouse.codec.Codec;
import org.dormouse.image.CodecChoice;
import org.dormouse.memory.PageRange;
import org.dormouse.text.KeyValues;
import org.dormouse.vmcore.Exclusions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one kernel writes for the other, or for a later process, is read as it was meant. */
class SaverTaskTest {
  private static KeyValues sent(KeyValues lines) {
    return KeyValues.parse(lines.toString());
  }

  @Test
  void aTaskSurvivesTheWay() {
    for (SaverTask task :
        List.of(
            new SaverTask.Return(),
            new SaverTask.Save(
                new UUID(3, 4),
                "/dev/disk/by-id/nvme a=b",
                OptionalLong.empty(),
                SaverTask.Sealed.NO,
                Optional.empty(),
                Then.SUSPEND),
            new SaverTask.Save(
                new UUID(3, 4),
                "/var/lib/store",
                OptionalLong.of(1L << 45),
                SaverTask.Sealed.YES,
                Optional.empty(),
                Then.POWEROFF),
            snapshot(new SaverTask.Snapshot.Where.OnDevice(), "none"),
            snapshot(new SaverTask.Snapshot.Where.InMemory(0x12345, 70_000), "cache,user"),
            save(new CodecChoice.None()),
            save(new CodecChoice.Lz4()),
            save(new CodecChoice.Zstd(new Codec.OfZstd(3))))) {
      assertThat(SaverTask.of(sent(task.lines()))).isEqualTo(task);
    }
  }

  private static SaverTask snapshot(SaverTask.Snapshot.Where where, String excluded) {
    return new SaverTask.Snapshot(
        new UUID(3, 4),
        where,
        "/dev/vdb",
        SaverTask.Sealed.NO,
        Optional.of(new CodecChoice.Lz4()),
        Exclusions.parse(excluded));
  }

  private static SaverTask save(CodecChoice codec) {
    return new SaverTask.Save(
        new UUID(3, 4),
        "/dev/vdb",
        OptionalLong.empty(),
        SaverTask.Sealed.NO,
        Optional.of(codec),
        Then.RETURN);
  }

  @Test
  void theCodecIsALineOfItsOwn() {
    CodecChoice level = CodecChoice.parse("zstd");
    assertThat(save(level).lines().find("codec")).contains("zstd:1");
    assertThat(new SaverTask.Return().lines().find("codec")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "task=dance",
        "task=save",
        "task=snapshot\nimage=00000000-0000-0003-0000-000000000004\nstore=/dev/vdb",
        "task=snapshot\nimage=00000000-0000-0003-0000-000000000004\nstore=/dev/vdb\nexclude=99",
        "task=save\nstore=/dev/vdb",
        "task=save\nimage=00000000-0000-0003-0000-000000000004",
        "task=save\nimage=it\nstore=/dev/vdb",
        "task=save\nimage=00000000-0000-0003-0000-000000000004\nstore=/dev/vdb\ncodec=zip",
        "task=save\nimage=00000000-0000-0003-0000-000000000004\nstore=/dev/vdb\ncodec=zstd:20"
      })
  void whatIsNoTaskIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> SaverTask.of(KeyValues.parse(text)));
  }

  @Test
  void whatIsRememberedOfASaverSurvivesToo() {
    for (SaverRecord saver :
        List.of(
            new SaverRecord("aa", "bb", 0x1000, Optional.empty(), OptionalLong.empty()),
            new SaverRecord(
                "aa",
                "bb",
                0x12_3456_7000L,
                Optional.of(new PageRange(0x8000, 0x8100)),
                OptionalLong.of(999_999)))) {
      assertThat(SaverRecord.of(sent(saver.lines()))).isEqualTo(saver);
    }
  }

  @Test
  void aSaverWithoutADigestOrAMailboxIsNone() {
    KeyValues lines =
        new SaverRecord("aa", "bb", 0x1000, Optional.empty(), OptionalLong.empty()).lines();
    for (String missing : List.of("saver_kernel=", "saver_initramfs=", "mailbox=")) {
      StringBuilder text = new StringBuilder();
      lines.toString().lines().filter(line -> !line.startsWith(missing)).forEach(text::append);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SaverRecord.of(KeyValues.parse(text.toString())));
    }
  }

  @Test
  void whereItGoesOnSurvivesARunOfTheSaversProgram() {
    Place place = new Place(0x1_2345_6000L, 0xabc000, new PageRange(0x1000, 0x9000));
    assertThat(Place.parse(place.text())).isEqualTo(place);
    assertThatIllegalArgumentException().isThrownBy(() -> Place.parse(""));
  }

  @Test
  void softwareIsKnownByBothDigests() {
    SaverRecord saver = new SaverRecord("aa", "bb", 0x1000, Optional.empty(), OptionalLong.empty());
    assertThat(saver.isOf(new SaverSoftware(Path.of("k"), "aa", Path.of("i"), "bb", 1))).isTrue();
    assertThat(saver.isOf(new SaverSoftware(Path.of("k"), "bb", Path.of("i"), "aa", 1))).isFalse();
  }
}
