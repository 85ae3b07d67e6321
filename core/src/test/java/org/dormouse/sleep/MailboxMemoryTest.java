package org.dormouse.sleep;

import static org.assertj.core.api.Assertions.assertThat;

import org.dormouse.memory.PageRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A saver that looks for its request in its own memory finds none. */
class MailboxMemoryTest {
  private static final PageRange REGION = new PageRange(0x1000, 0x9000);

  @ParameterizedTest
  @CsvSource({
    "0xa0,true",
    "0xfff,true",
    "0x9000,true",
    "0x123456,true",
    "0x0,false",
    "0x1,false",
    "0x9f,false",
    "0x1000,false",
    "0x8fff,false"
  })
  void noPageOfTheMailboxIsSwappedOutForTheSaver(String frame, boolean outside) {
    assertThat(MailboxMemory.isOutside(new long[] {0x20000, Long.decode(frame)}, REGION))
        .isEqualTo(outside);
  }
}
