package org.dormouse.sleep;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.dormouse.boot.PagingMode;
import org.dormouse.machine.MachineFacts.LoadedImage;
import org.dormouse.mailbox.MailboxAnswer;
import org.dormouse.mailbox.MailboxRequest;
import org.dormouse.mailbox.MailboxStatus;
import org.dormouse.memory.FreePagePolicy;
import org.dormouse.memory.MemoryMap;
import org.dormouse.memory.PageRange;
import org.dormouse.protocol.Original;
import org.dormouse.protocol.SaverAnswer;
import org.dormouse.protocol.SaverRecord;
import org.dormouse.protocol.SaverSoftware;
import org.dormouse.protocol.SaverTask;
import org.dormouse.protocol.Then;
import org.dormouse.text.KeyValues;
import org.junit.jupiter.api.Test;

/** What it means that a kexec image is loaded, by what this kernel and a saver last said. */
class SaverStateTest {
  private static final long MAILBOX = 0x7654_3000;
  private static final OptionalLong LOADS = OptionalLong.of(999_998);
  private static final SaverRecord SAVER =
      new SaverRecord("aa", "bb", MAILBOX, Optional.empty(), LOADS);
  private static final Original ORIGINAL =
      new Original(
          new MemoryMap(List.of(new MemoryMap.Region(1 << 20, 1 << 30, MemoryMap.Kind.RAM))),
          new PageRange(0x1000, 0x9000),
          0,
          0,
          PagingMode.FIVE_LEVEL,
          FreePagePolicy.ZERO);
  private static final KeyValues REQUEST =
      new SaverTask.Save(
              new UUID(1, 2),
              "/dev/vdb",
              OptionalLong.empty(),
              SaverTask.Sealed.NO,
              Optional.empty(),
              Then.SUSPEND)
          .lines()
          .withAll(SAVER.lines())
          .withAll(ORIGINAL.lines());

  private static SaverState state(MailboxAnswer answer, long mailbox, OptionalLong loads) {
    return SaverState.of(
        Optional.of(new SaverState.Talk(new MailboxRequest(7, REQUEST), answer, mailbox)), loads);
  }

  private static MailboxAnswer answer(long sequence, MailboxStatus status, boolean warm) {
    return new MailboxAnswer(sequence, status, 0, SaverAnswer.withWarm(KeyValues.empty(), warm));
  }

  private static final MailboxAnswer WARM = answer(7, MailboxStatus.AWAKE, true);

  @Test
  void aSaverThatHasAnsweredThisRequestAndStaysIsWarm() {
    assertThat(state(WARM, MAILBOX, LOADS)).isEqualTo(new SaverState.Warm(SAVER, ORIGINAL));
  }

  @Test
  void oneThatHasFailedAndStaysIsWarmToo() {
    assertThat(state(answer(7, MailboxStatus.FAILED, true), MAILBOX, LOADS))
        .isInstanceOf(SaverState.Warm.class);
  }

  @Test
  void oneThatWentBackForGoodIsSpent() {
    assertThat(state(answer(7, MailboxStatus.AWAKE, false), MAILBOX, LOADS))
        .isInstanceOf(SaverState.Spent.class);
    assertThat(
            state(new MailboxAnswer(7, MailboxStatus.AWAKE, 0, KeyValues.empty()), MAILBOX, LOADS))
        .isInstanceOf(SaverState.Spent.class);
  }

  @Test
  void oneThatHasNotAnsweredWasNotEnteredYet() {
    MailboxAnswer none = new MailboxAnswer(0, MailboxStatus.NONE, 0, KeyValues.empty());
    assertThat(state(none, MAILBOX, LOADS)).isEqualTo(new SaverState.Loaded(SAVER, ORIGINAL));
  }

  @Test
  void oneThatLeftOnlyAWordIsSpent() {
    for (MailboxStatus status : MailboxStatus.values()) {
      if (status == MailboxStatus.NONE) {
        continue;
      }
      assertThat(state(new MailboxAnswer(0, status, 0, KeyValues.empty()), MAILBOX, LOADS))
          .as("%s", status)
          .isInstanceOf(SaverState.Spent.class);
    }
  }

  @Test
  void anAnswerToAnotherRequestSaysNothing() {
    assertThat(state(answer(6, MailboxStatus.AWAKE, true), MAILBOX, LOADS))
        .isInstanceOf(SaverState.Spent.class);
  }

  @Test
  void aSaverWhoseMailboxHasMovedIsSpent() {
    assertThat(state(WARM, MAILBOX + 0x1000, LOADS))
        .isEqualTo(new SaverState.Spent("its mailbox has moved"));
  }

  @Test
  void whatSomebodyHasLoadedSinceIsForeign() {
    assertThat(state(WARM, MAILBOX, OptionalLong.of(999_997))).isEqualTo(new SaverState.Foreign());
    assertThat(state(WARM, MAILBOX, OptionalLong.empty())).isEqualTo(new SaverState.Foreign());
  }

  @Test
  void whereTheKernelDoesNotCountTheTalkIsBelieved() {
    SaverRecord uncounted =
        new SaverRecord("aa", "bb", MAILBOX, Optional.empty(), OptionalLong.empty());
    KeyValues request =
        new SaverTask.Return().lines().withAll(uncounted.lines()).withAll(ORIGINAL.lines());
    SaverState.Talk talk = new SaverState.Talk(new MailboxRequest(7, request), WARM, MAILBOX);
    assertThat(SaverState.of(Optional.of(talk), OptionalLong.empty()))
        .isInstanceOf(SaverState.Warm.class);
  }

  @Test
  void whatNobodyTalkedToOrMakesNoSenseIsForeign() {
    assertThat(SaverState.of(Optional.empty(), LOADS)).isEqualTo(new SaverState.Foreign());
    for (String garbage : List.of("", "a=b\n", "mailbox=here\n", SAVER.lines().toString())) {
      MailboxRequest request = new MailboxRequest(7, KeyValues.parse(garbage));
      SaverState state =
          SaverState.of(Optional.of(new SaverState.Talk(request, WARM, MAILBOX)), LOADS);
      assertThat(state).as(garbage).isEqualTo(new SaverState.Foreign());
    }
  }

  @Test
  void aWarmSaverOfOtherSoftwareIsNotTheOneThatIsWanted() {
    SaverState warm = state(WARM, MAILBOX, LOADS);
    assertThat(warm.isWarm(software("aa", "bb"))).isTrue();
    assertThat(warm.isWarm(software("aa", "cc"))).isFalse();
    assertThat(warm.isWarm(software("cc", "bb"))).isFalse();
    assertThat(new SaverState.NotLoaded().isWarm(software("aa", "bb"))).isFalse();
    assertThat(new SaverState.Spent("why").isWarm(software("aa", "bb"))).isFalse();
  }

  private static SaverSoftware software(String kernel, String initramfs) {
    return new SaverSoftware(Path.of("k"), kernel, Path.of("i"), initramfs, 1);
  }

  @Test
  void eachStateIsSaidInASentence() {
    assertThat(new SaverState.NotLoaded().describe()).contains("no saver is loaded");
    assertThat(state(WARM, MAILBOX, LOADS).describe())
        .contains("[0x1000000-0x8ffffff]", "128 MiB of memory");
    assertThat(new SaverState.Spent("its mailbox has moved").describe())
        .contains("its mailbox has moved");
    assertThat(new SaverState.Foreign().describe()).contains("not a saver of ours");
    assertThat(new SaverState.Kernels().describe()).contains("dormouse kernel list");
  }

  @Test
  void readinessIsToldWhatIsLoaded() {
    assertThat(new SaverState.NotLoaded().kind()).isEqualTo(LoadedImage.NONE);
    assertThat(state(WARM, MAILBOX, LOADS).kind()).isEqualTo(LoadedImage.OURS);
    assertThat(new SaverState.Spent("").kind()).isEqualTo(LoadedImage.SPENT);
    assertThat(new SaverState.Foreign().kind()).isEqualTo(LoadedImage.ANOTHER);
    assertThat(new SaverState.Kernels().kind()).isEqualTo(LoadedImage.KERNELS);
  }
}
