package org.dormouse.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import org.dormouse.linux.CommandLine;
import org.dormouse.memory.PageRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SaverWordsTest {
  private static final UUID IMAGE = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
  private static final CommandLine ORIGINAL =
      CommandLine.parse(
          "root=/dev/vda console=tty0 console=ttyS0,115200 quiet crashkernel=256M mem=1G"
              + " acpi=noirq nomodeset libata.force=1:pio4"
              + " dormouse.resume=/dev/vdb nr_cpus=16 acpixyz=1 -- single");

  @Test
  void aSaverThatIsJumpedIntoIsToldOfTheMailboxAndMayReachTheFrames() {
    assertThat(SaverWords.toSave(ORIGINAL, 0x1234000))
        .contains(
            "dormouse.mailbox=0x1234000",
            "iomem=relaxed",
            "nokaslr",
            "reset_devices",
            "nvme.max_host_mem_size_mb=0")
        .noneMatch(word -> word.startsWith("dormouse.restore="));
  }

  @Test
  void aSaverThatWakesIsToldOfItsImage() {
    assertThat(SaverWords.toRestore(ORIGINAL, IMAGE, OptionalLong.empty()))
        .contains("dormouse.restore=" + IMAGE)
        .noneMatch(word -> word.startsWith("dormouse.mailbox="));
  }

  @Test
  void bothTakeOverWhatTellsOfTheMachineAndNothingElse() {
    for (List<String> words :
        List.of(
            SaverWords.toSave(ORIGINAL, 0x1000),
            SaverWords.toRestore(ORIGINAL, IMAGE, OptionalLong.empty()))) {
      assertThat(words)
          .startsWith(
              "console=tty0",
              "console=ttyS0,115200",
              "acpi=noirq",
              "nomodeset",
              "libata.force=1:pio4")
          .contains("rootfstype=ramfs", "panic=5", "irqaffinity=0", "nr_cpus=4")
          .doesNotContain(
              "root=/dev/vda",
              "crashkernel=256M",
              "mem=1G",
              "nr_cpus=16",
              "acpixyz=1",
              "--",
              "single")
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void whatIsWrittenIsRead() throws Exception {
    CommandLine own = new CommandLine(SaverWords.toRestore(ORIGINAL, IMAGE, OptionalLong.empty()));
    assertThat(SaverWords.image(own)).isEqualTo(IMAGE);
    assertThat(SaverWords.place(own)).isEmpty();
    assertThat(SaverWords.start(own)).isEqualTo(SaverWords.Start.DIRECT);
    CommandLine throughBoot =
        CommandLine.parse(String.join(" ", own.words()) + " dormouse.attempt=1");
    assertThat(SaverWords.start(throughBoot)).isEqualTo(SaverWords.Start.KEXEC);
    assertThat(SaverWords.offset(own)).isEmpty();
    CommandLine inPieces =
        new CommandLine(SaverWords.toRestore(ORIGINAL, IMAGE, OptionalLong.of(1L << 45)));
    assertThat(SaverWords.offset(inPieces)).hasValue(1L << 45);
    for (String wrong : List.of("-1", "0x10", "", "99999999999999999999")) {
      assertThatThrownBy(() -> SaverWords.offset(CommandLine.parse("dormouse.offset=" + wrong)))
          .isInstanceOf(IOException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "dormouse.restore=", "dormouse.restore=it"})
  void aSaverThatNobodyEnteredAndThatHasNoImageSaysSo(String line) {
    assertThatIOException()
        .isThrownBy(() -> SaverWords.image(CommandLine.parse(line)))
        .withMessageContaining("dormouse.restore");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kexec_jump_back_entry=0x0000000012345000",
        "kexec_jump_back_entry=0x12345000 dormouse.mailbox=there",
        "kexec_jump_back_entry=somewhere dormouse.mailbox=0x1000"
      })
  void anEntryWithoutAMailboxOrOneThatIsNoNumberIsAnError(String line) {
    assertThatIOException().isThrownBy(() -> SaverWords.place(CommandLine.parse(line)));
  }

  @Test
  void theCrashReservationIsFoundWhereItWasAskedFor() {
    assertThat(SaverWords.crashReservation(CommandLine.parse("crashkernel=1M@0x8000000 quiet")))
        .contains(new PageRange(0x8000, 0x8100));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "crashkernel=256M",
        "crashkernel=auto",
        "crashkernel=1M@134217728",
        "crashkernel=1G@0x8000000",
        "crashkernel=1M@0x",
        "crashkernel=1M@0xffffffffffffffff",
        "crashkernel=-1M@0x1000",
        "crashkernel=99999M@0x1000"
      })
  void whatIsNotOurReservationIsNone(String line) {
    assertThat(SaverWords.crashReservation(CommandLine.parse(line))).isEmpty();
  }
}
