package org.dormouse.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.text.KeyValues;
import org.junit.jupiter.api.Test;

class MailboxTest {
  /** Physical memory in which the mailbox's pages lie in reverse order, from PFN 100 down. */
  private final MemorySegment physical = Arena.ofAuto().allocate(Pages.address(128), Pages.SIZE);

  private final MemorySegment shared = Arena.ofAuto().allocate(Mailbox.BYTES, Pages.SIZE);
  private final long[] frames = new long[Mailbox.PAGES];
  private final Mailbox mine = Mailbox.in(shared);

  MailboxTest() {
    for (int page = 0; page < Mailbox.PAGES; page++) {
      frames[page] = 100L - page;
    }
  }

  @Test
  void aRequestIsReadFromTheOtherSideAndAnswered() throws Exception {
    String longText = "x".repeat(5000);
    mine.put(
        new MailboxRequest(7, KeyValues.empty().with("task", "save").with("a", longText)), frames);
    Mailbox theirs = theirs();
    MailboxRequest request = theirs.request().orElseThrow();
    assertThat(request.sequence()).isEqualTo(7);
    assertThat(request.lines().text("task")).isEqualTo("save");
    assertThat(request.lines().text("a")).isEqualTo(longText);
    assertThat(theirs.answer().status()).isEqualTo(MailboxStatus.NONE);

    theirs.answer(
        new MailboxAnswer(7, MailboxStatus.FAILED, 0, KeyValues.empty().with("why", "disk gone")));
    back();
    MailboxAnswer answer = mine.answer();
    assertThat(answer.sequence()).isEqualTo(7);
    assertThat(answer.status()).isEqualTo(MailboxStatus.FAILED);
    assertThat(answer.lines().text("why")).isEqualTo("disk gone");
    assertThat(mine.request().orElseThrow().lines().text("task")).isEqualTo("save");
  }

  @Test
  void aNewRequestTakesTheOldAnswerAway() throws Exception {
    mine.put(new MailboxRequest(1, KeyValues.empty().with("task", "save")), frames);
    mine.answer(new MailboxAnswer(1, MailboxStatus.AWAKE, 0, KeyValues.empty().with("b", "c")));
    mine.put(new MailboxRequest(2, KeyValues.empty().with("task", "save")), frames);
    assertThat(mine.answer().status()).isEqualTo(MailboxStatus.NONE);
    assertThat(mine.answer().sequence()).isZero();
    assertThat(mine.answer().lines().find("b")).isEmpty();
  }

  @Test
  void whoCanWriteOnlyAWordIsUnderstood() throws Exception {
    mine.put(new MailboxRequest(3, KeyValues.empty().with("task", "save")), frames);
    shared.set(ValueLayout.JAVA_LONG, Mailbox.STATUS_OFFSET, MailboxStatus.PANICKED.code());
    assertThat(mine.answer().status()).isEqualTo(MailboxStatus.PANICKED);
  }

  @Test
  void whatIsNoMailboxIsRefused() {
    assertThat(org.assertj.core.api.Assertions.catchThrowable(this::theirs))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("0x64000");
  }

  @Test
  void aDamagedRequestIsRefused() throws Exception {
    mine.put(new MailboxRequest(3, KeyValues.empty().with("task", "save")), frames);
    shared.set(ValueLayout.JAVA_BYTE, Pages.SIZE + 2, (byte) 'X');
    assertThatThrownBy(mine::request).isInstanceOf(IOException.class);
  }

  @Test
  void aKeyIsTakenOnceAndThenNowhere() throws Exception {
    MemorySegment key = Arena.ofAuto().allocate(32).fill((byte) 0x5a);
    mine.putKey(key);
    String longest = "x".repeat(30 * Pages.SIZE - "task=\n".length());
    mine.put(new MailboxRequest(1, KeyValues.empty().with("task", longest)), frames);
    Mailbox theirs = theirs();
    MemorySegment taken = Arena.ofAuto().allocate(32);
    theirs.takeKey(taken);
    assertThat(taken.mismatch(key)).isEqualTo(-1);
    assertThat(theirs.request().orElseThrow().lines().text("task")).isEqualTo(longest);
    back();
    assertThat(shared.asSlice(31L * Pages.SIZE, Pages.SIZE).toArray(ValueLayout.JAVA_BYTE))
        .containsOnly(0);
    theirs.takeKey(taken);
    assertThat(taken.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);

    mine.putKey(key);
    mine.wipeKey();
    assertThat(shared.asSlice(31L * Pages.SIZE, Pages.SIZE).toArray(ValueLayout.JAVA_BYTE))
        .containsOnly(0);
  }

  private Mailbox theirs() throws IOException {
    for (int page = 0; page < Mailbox.PAGES; page++) {
      copy(shared, page, physical, frames[page]);
    }
    return Mailbox.at(Pages.address(100), memory());
  }

  private void back() {
    for (int page = 0; page < Mailbox.PAGES; page++) {
      copy(physical, frames[page], shared, page);
    }
  }

  private static void copy(MemorySegment from, long page, MemorySegment to, long target) {
    MemorySegment.copy(from, Pages.address(page), to, Pages.address(target), Pages.SIZE);
  }

  private Frames memory() {
    return (PageRange range) ->
        new Frames.Lease() {
          @Override
          public MemorySegment memory() {
            return physical.asSlice(range.startAddress(), range.bytes());
          }

          @Override
          public void close() {}
        };
  }
}
