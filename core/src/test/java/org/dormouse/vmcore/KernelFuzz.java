package org.dormouse.vmcore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.dormouse.fuzz.Bounds;
import org.dormouse.memory.FreePagePolicy;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Another kernel's memory in which anything may be wrong: VMCOREINFO, page tables, page structs,
 * the list of source pages.
 *
 * <p>An input is the number of a machine, then edits of {@link #EDIT_BYTES}, as many as the byte
 * behind it says, then, unless there is nothing more, a VMCOREINFO text that takes the place of the
 * machine's.
 */
class KernelFuzz {
  /** Where (4 bytes, how and what), and a value (8 bytes), little-endian. */
  private static final int EDIT_BYTES = 12;

  private static final int MOST_EDITS = 32;

  private static final List<Machine> MACHINES =
      List.of(
          new Machine(new OriginalMachine.Build(4, true, true, 64, 23), 1),
          new Machine(new OriginalMachine.Build(5, false, false, 56, 22), 2));

  /** A machine that has jumped, and whose memory can be changed for a while. */
  private static final class Machine {
    /** A word that was changed, and what it was. */
    private record Old(long address, long value) {}

    final OriginalMachine machine;
    final String info;
    private final Deque<Old> changed = new ArrayDeque<>();

    /** What leads anywhere: tables, lists, the note; addresses of pages. */
    private final long[] interesting;

    Machine(OriginalMachine.Build build, long seed) {
      machine = new OriginalMachine(build, seed);
      StringBuilder text = new StringBuilder();
      machine.info.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
      info = text.toString();
      machine.jump();
      interesting =
          Stream.concat(
                  Stream.of(machine.headAddress, machine.jumpBackEntry & -Pages.SIZE, machine.note),
                  machine.words.stream())
              .mapToLong(address -> address & -Pages.SIZE)
              .distinct()
              .toArray();
    }

    void put(long address, long value) {
      changed.push(new Old(address, machine.u64(address)));
      machine.putU64(address, value);
    }

    /** Changes a word somewhere, or in a page that leads somewhere. */
    void edit(int where, long value) {
      int how = where >>> 30;
      long words = Pages.SIZE / Long.BYTES;
      long at =
          (where & (1 << 29)) != 0
              ? interesting[(where >>> 9 & 0xfffff) % interesting.length] / Long.BYTES
                  + where % words
              : (where & 0x1fff_ffff) % (OriginalMachine.PAGES * words);
      long address = Math.abs(at) * Long.BYTES;
      long old = machine.u64(address);
      put(
          address,
          switch (how) {
            case 0 -> value;
            case 1 -> old ^ value;
            case 2 -> old + value;
            default -> old ^ (1L << value);
          });
    }

    void restore() {
      while (!changed.isEmpty()) {
        Old old = changed.pop();
        machine.putU64(old.address, old.value);
      }
    }
  }

  static Stream<Arguments> machines() {
    List<byte[]> seeds = new ArrayList<>();
    for (int machine = 0; machine < MACHINES.size(); machine++) {
      byte[] info = MACHINES.get(machine).info.getBytes(UTF_8);
      seeds.add(new byte[] {(byte) machine, 0});
      seeds.add(
          ByteBuffer.allocate(2 + info.length).put((byte) machine).put((byte) 0).put(info).array());
      for (int i = 0; i < 4; i++) {
        ByteBuffer edits = ByteBuffer.allocate(2 + 4 * EDIT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        edits.put((byte) machine).put((byte) 4);
        for (int edit = 0; edit < 4; edit++) {
          edits.putInt(i << 30 | (edit & 1) << 29 | 12345 * edit).putLong(1L << (11 * edit));
        }
        seeds.add(edits.array());
      }
    }
    return seeds.stream().map(Arguments::of);
  }

  @MethodSource("machines")
  @FuzzTest
  void whateverLiesInAnotherKernelsMemoryIsAnswered(byte[] input) throws InterruptedException {
    if (input.length < 2) {
      return;
    }
    ByteBuffer bytes = ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN);
    Machine machine = MACHINES.get((bytes.get() & 0xff) % MACHINES.size());
    int edits = (bytes.get() & 0xff) % MOST_EDITS;
    OriginalMemory memory = machine.machine.memory();
    try {
      for (; edits > 0 && bytes.remaining() >= EDIT_BYTES; edits--) {
        machine.edit(bytes.getInt(), bytes.getLong());
      }
      byte[] info = new byte[bytes.remaining()];
      bytes.get(info);
      Bounds.hold(() -> look(machine.machine, memory, info));
    } finally {
      machine.restore();
    }
  }

  private static void look(OriginalMachine machine, OriginalMemory memory, byte[] info)
      throws IOException {
    SourcePages.Search search = machine.search();
    if (search instanceof SourcePages.Search.NotFound nothing) {
      Bounds.checkLine(nothing.reason());
    }
    try (Arena arena = Arena.ofConfined()) {
      assertPartition(
          PageKinds.plan(
              arena,
              OriginalMachine.RAM,
              memory,
              machine.note,
              OriginalMachine.NOTE_BYTES,
              FreePagePolicy.ANY,
              1));
      if (info.length != 0) {
        VmcoreInfo told = VmcoreInfo.ofText(new String(info, UTF_8));
        PageStructs structs = PageStructs.of(memory, told);
        assertPartition(PageKinds.plan(arena, OriginalMachine.RAM, structs, FreePagePolicy.ANY, 1));
      }
    }
  }

  /** Each page of RAM is in one set. */
  private static void assertPartition(PageKinds kinds) {
    kinds.everythingKept().ifPresent(Bounds::checkLine);
    kinds.examples().values().forEach(Bounds::checkLine);
    long ram = OriginalMachine.RAM.stream().mapToLong(PageRange::count).sum();
    assertThat(kinds.inUse().count() + kinds.free().count() + kinds.untouchable().count())
        .isEqualTo(ram);
    assertThat(kinds.pages().values().stream().mapToLong(Long::longValue).sum()).isEqualTo(ram);
    for (PageRange range : OriginalMachine.RAM) {
      assertThat(
              kinds.inUse().countIn(range)
                  + kinds.free().countIn(range)
                  + kinds.untouchable().countIn(range))
          .isEqualTo(range.count());
    }
  }
}
