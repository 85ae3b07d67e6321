package org.dormouse.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.dormouse.memory.Frames;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.text.KeyValues;
import org.junit.jupiter.api.Test;

class SwitchTableTest {
  private static final long FIRST = 40;

  /** Physical memory in which the pages lie in reverse order, from PFN 40 down. */
  private final MemorySegment physical = Arena.ofAuto().allocate(Pages.address(64), Pages.SIZE);

  private final SwitchTable table = formatted();

  private SwitchTable formatted() {
    try {
      long[] frames = new long[SwitchTable.PAGES];
      MemorySegment shared = Arena.ofAuto().allocate(SwitchTable.BYTES, Pages.SIZE);
      for (int page = 0; page < SwitchTable.PAGES; page++) {
        frames[page] = FIRST - page;
      }
      SwitchTable.in(shared).format(frames);
      MemorySegment.copy(shared, 0, physical, Pages.address(FIRST), Pages.SIZE);
      return SwitchTable.at(Pages.address(FIRST), memory());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Property(tries = 50)
  void anyTextIsReadBackAsItWasWritten(@ForAll @IntRange(min = 1, max = 28000) int length)
      throws IOException {
    KeyValues lines = KeyValues.empty().with("a", "x".repeat(length)).with("b", "2");
    table.put(lines);
    assertThat(table.lines().orElseThrow()).hasToString(lines.toString());
  }

  @Test
  void theWordsLieWhereTheStubsLook() throws IOException {
    table.put(KeyValues.empty().with("a", "b"));
    table.setDestination(0x4000000);
    assertThat(word(24)).isEqualTo(0x4000000);
    set(16, 0x12345079);
    set(SwitchTable.PANICKED_OFFSET, 2);
    assertThat(table.jumpBackEntry()).isEqualTo(0x12345079);
    assertThat(table.panicked()).isEqualTo(2);
    table.clearPanicked();
    assertThat(table.panicked()).isZero();
    assertThat(table.jumpBackEntry()).isEqualTo(0x12345079);
    assertThat(table.lines().orElseThrow().text("a")).isEqualTo("b");
  }

  /** The stub copies to the frames of a list, and the list lies in the table's first page. */
  @Test
  void aLogThatIsCopiedToTheFramesOfTheListIsRead() throws IOException {
    for (int page = 0; page < SwitchTable.LOG_PAGES; page++) {
      long pfn = word(SwitchTable.LOG_FRAMES_OFFSET + 8L * page);
      physical.set(ValueLayout.JAVA_BYTE, Pages.address(pfn), (byte) ('a' + page));
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment log = table.log(arena);
      for (int page = 0; page < SwitchTable.LOG_PAGES; page++) {
        assertThat(log.get(ValueLayout.JAVA_BYTE, Pages.address(page)))
            .isEqualTo((byte) ('a' + page));
      }
      table.clearPanicked();
      assertThat(table.log(arena).get(ValueLayout.JAVA_BYTE, 0)).isZero();
    }
    table.put(KeyValues.empty().with("a", "x".repeat(7 * Pages.SIZE - 3)));
    try (Arena arena = Arena.ofConfined()) {
      assertThat(table.log(arena).get(ValueLayout.JAVA_BYTE, Pages.SIZE)).isEqualTo((byte) 'b');
    }
  }

  @Test
  void nothingIsReadBeforeSomethingIsWritten() throws IOException {
    assertThat(table.lines()).isEmpty();
  }

  @Test
  void damageIsRefused() throws IOException {
    table.put(KeyValues.empty().with("a", "b"));
    physical.set(ValueLayout.JAVA_BYTE, Pages.address(FIRST - 1) + 2, (byte) 'X');
    assertThatThrownBy(table::lines).hasMessageContaining("checksum");
    set(0, 7);
    assertThatThrownBy(() -> SwitchTable.at(Pages.address(FIRST), memory()))
        .hasMessageContaining("no switch table at 0x28000");
  }

  private long word(long offset) {
    return physical.get(ValueLayout.JAVA_LONG, Pages.address(FIRST) + offset);
  }

  private void set(long offset, long value) {
    physical.set(ValueLayout.JAVA_LONG, Pages.address(FIRST) + offset, value);
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
