package org.dormouse.vmcore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.vmcore.JumpedProcessor.Search;
import org.junit.jupiter.api.Test;

/** The registers that relocate_kernel leaves are found wherever it keeps them, or not believed. */
class JumpedProcessorTest {
  private static final OriginalMachine.Build BUILD =
      new OriginalMachine.Build(4, true, true, 64, 24);

  /** Where the machine's kernel has the whole of its memory mapped. */
  private static final long DIRECT_MAP = 0xffff_8880_0000_0000L;

  /** In the kernel's image, whose pages lie together. */
  private static final long STACK = 0x0130_0f80L;

  private static final long CR0 = 0x8005_0033L;
  private static final long CR4 = 0x6f0;

  /** A kernel that has pushed its registers onto a stack in its image, and says so. */
  private static final class Jumped {
    private final OriginalMachine machine;
    private final long registers;
    private final long text;

    private Jumped(long seed) throws IOException {
      machine = new OriginalMachine(BUILD, seed);
      text = Long.parseUnsignedLong(machine.info.get("SYMBOL(_stext)"), 16) + 0x1234;
      long[] pushed = {0x46, 15, 14, 13, 12, -1, 0xb, text};
      for (int i = 0; i < pushed.length; i++) {
        machine.putU64(STACK + 8L * i, pushed[i]);
      }
      machine.jump();
      Random random = new Random(seed);
      long page = Pages.alignDown(machine.jumpBackEntry, Pages.SIZE);
      registers = page + 8L * (1 + random.nextInt(500)) - (long) Pages.SIZE * random.nextInt(2);
      put(registers, DIRECT_MAP + STACK);
    }

    private void put(long at, long stack) {
      machine.putU64(at, stack);
      machine.putU64(at + 8, CR0);
      machine.putU64(at + 16, OriginalMachine.RAM.get(1).startAddress() | 5);
      machine.putU64(at + 24, CR4);
    }

    private Search search() throws IOException {
      OriginalMemory memory = machine.memory();
      VmcoreInfo info = VmcoreInfo.read(memory, machine.note, OriginalMachine.NOTE_BYTES);
      List<PageRange> ram = OriginalMachine.RAM;
      return JumpedProcessor.find(memory, ram, info, machine.jumpBackEntry);
    }
  }

  @Property(tries = 20)
  void theyAreFoundThoughTheStackIsInTheSaverRegion(@ForAll long seed) throws IOException {
    Jumped jumped = new Jumped(seed);
    assertThat(jumped.search())
        .isEqualTo(
            new Search.Found(
                new JumpedProcessor(
                    0x46, 15, 14, 13, 12, -1, 0xb, jumped.text, DIRECT_MAP + STACK + 64)));
  }

  @Test
  void whatMakesNoSenseIsNotBelieved() throws IOException {
    for (int word = 0; word < 4; word++) {
      for (long wrong : new long[] {0, 1, 0x1234_5678_9abcL, Long.MIN_VALUE, -1}) {
        Jumped jumped = new Jumped(7);
        jumped.machine.putU64(jumped.registers + 8L * word, wrong);
        assertThat(jumped.search()).as("%d: %x", word, wrong).isInstanceOf(Search.NotFound.class);
      }
    }
    // A stack of zeros, and one that is nowhere.
    Jumped jumped = new Jumped(1);
    jumped.put(jumped.registers, DIRECT_MAP + STACK + 0x80);
    assertThat(jumped.search()).isInstanceOf(Search.NotFound.class);
    jumped.put(jumped.registers, DIRECT_MAP + (1L << 40));
    assertThat(jumped.search()).isInstanceOf(Search.NotFound.class);
  }
}
