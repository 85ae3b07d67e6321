package org.dormouse.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.dormouse.machine.DiskIdentity;
import org.dormouse.machine.DiskUse;
import org.dormouse.memory.PageRange;
import org.dormouse.protocol.KernelTable.Member;
import org.dormouse.protocol.KernelTable.State;
import org.dormouse.text.KeyValues;
import org.junit.jupiter.api.Test;

class KernelTableTest {
  private static final DiskUse ROOT =
      new DiskUse(
          new DiskIdentity("", "serial 1", 0, 1 << 20, "0000:00:05.0", "vda"),
          "ext4",
          "mounted on /",
          List.of());
  private static final long COLD_B = 0x4000000;
  private static final long COLD_C = 0x8000000;

  private final KernelTable loaded =
      KernelTable.loaded(
          0x1000, OptionalLong.of(999_998), List.of(cold("b", COLD_B), cold("c", COLD_C)), 10);

  private static Member cold(String name, long entry) {
    long pfn = entry >>> 12;
    return new Member(
        name, State.COLD, entry, entry, new PageRange(pfn, pfn + 0x2000), 10, List.of());
  }

  /** Any walk through three kernels: the table is read back, one runs, and it knows who. */
  @Property(tries = 200)
  void whateverHappensOneRunsAndTheLinesSayItAll(@ForAll long seed) {
    Random random = new Random(seed);
    KernelTable table = loaded;
    for (int step = 0; step < 20; step++) {
      String running = table.running();
      List<Member> targets =
          table.members().stream()
              .filter(member -> !member.name().equals(running) && member.state() != State.GONE)
              .toList();
      if (targets.isEmpty()) {
        break;
      }
      Member target = targets.get(random.nextInt(targets.size()));
      List<DiskUse> uses = random.nextBoolean() ? List.of(ROOT) : List.of();
      long reentry = running.equals(KernelTable.ORIGINAL) ? 0 : 0x5000 + step;
      KernelTable next = table.leave(target.name(), reentry, uses, step);
      assertThat(next.running()).isEqualTo(target.name());
      assertThat(next.find(running).orElseThrow().uses()).isEqualTo(uses);
      assertThat(next.find(running).orElseThrow().state()).isEqualTo(State.SLEEPING);
      if (!target.name().equals(KernelTable.ORIGINAL) && random.nextInt(4) == 0) {
        next = next.asOriginalFound(next.number(target.name()), step);
        assertThat(next.happened()).isEqualTo("the kernel " + target.name() + " panicked");
      }
      assertThat(KernelTable.of(KeyValues.parse(next.lines().toString()))).isEqualTo(next);
      assertThat(next.members().stream().filter(member -> member.state() == State.RUNNING))
          .extracting(Member::name)
          .containsExactly(next.running());
      table = next;
    }
  }

  @Test
  void whatOthersHaveInUseIsHeldAndNotOnesOwn() {
    KernelTable inB = loaded.leave("b", 0, List.of(ROOT), 11);
    assertThat(inB.heldByOthers("b")).containsExactly(new KernelTable.Held(ROOT, "original"));
    assertThat(inB.heldByOthers("original")).isEmpty();
  }

  @Test
  void oneThatPanicsOnItsWayElsewhereHasNotEnteredTheOther() {
    KernelTable asleep =
        loaded
            .leave("c", 0, List.of(), 11)
            .leave("original", COLD_C + 0x40100, List.of(), 12)
            .leave("b", 0, List.of(), 13)
            .leave("c", COLD_B + 0x40100, List.of(ROOT), 14)
            .asOriginalFound(loaded.number("b"), 15);
    assertThat(asleep.running()).isEqualTo("original");
    assertThat(asleep.find("b").orElseThrow().state()).isEqualTo(State.GONE);
    assertThat(asleep.find("b").orElseThrow().uses()).as("a dead kernel holds nothing").isEmpty();
    assertThat(asleep.find("c").orElseThrow().state()).isEqualTo(State.SLEEPING);
    assertThat(asleep.alive()).extracting(Member::name).containsExactly("c");
    KernelTable cold =
        loaded
            .leave("b", 0, List.of(), 13)
            .leave("c", COLD_B + 0x40100, List.of(), 14)
            .asOriginalFound(loaded.number("b"), 15);
    assertThat(cold.find("c").orElseThrow().state()).isEqualTo(State.COLD);
  }

  @Test
  void oneThatComesBackWithoutAWordIsGone() {
    KernelTable back = loaded.leave("b", 0, List.of(ROOT), 11).asOriginalFound(0, 12);
    assertThat(back.happened()).isEqualTo("the kernel b came back without a way into it");
    assertThat(back.find("b").orElseThrow().state()).isEqualTo(State.GONE);
    assertThat(back.find("original").orElseThrow().state()).isEqualTo(State.RUNNING);
  }

  @Test
  void nothingHappenedIfEverythingWentWell() {
    KernelTable back =
        loaded.leave("b", 0, List.of(), 11).leave("original", COLD_B + 1, List.of(), 12);
    assertThat(back.asOriginalFound(0, 13)).isEqualTo(back);
  }

  @Test
  void linesThatMakeNoSenseAreRefused() {
    String text = loaded.lines().toString();
    List<String> bad =
        new ArrayList<>(
            List.of(
                text.replace("version=1", "version=2"),
                text.replace("kernel.b.state=cold", "kernel.b.state=warm"),
                text.replace("kernel.b.entry", "kernel.x.entry"),
                ""));
    for (String each : bad) {
      assertThatThrownBy(() -> KernelTable.of(KeyValues.parse(each)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
