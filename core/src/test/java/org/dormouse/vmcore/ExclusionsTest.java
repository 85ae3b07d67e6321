package org.dormouse.vmcore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What a dump leaves out is said in words, or as makedumpfile's numbers. */
class ExclusionsTest {
  @Property
  void aLevelIsTheSumOfItsParts(@ForAll @IntRange(max = 31) int level) {
    assertThat(Exclusions.ofLevel(level).level()).isEqualTo(level);
  }

  @Test
  void wordsHaveLevels() {
    assertThat(Exclusions.parse("none").level()).isEqualTo(0);
    assertThat(Exclusions.parse("zero").level()).isEqualTo(1);
    assertThat(Exclusions.parse("cache").level()).isEqualTo(2 + 4);
    assertThat(Exclusions.parse("user").level()).isEqualTo(8);
    assertThat(Exclusions.parse("free, zero").level()).isEqualTo(16 + 1);
    assertThat(Exclusions.parse("free,zero,cache,user")).isEqualTo(Exclusions.ofLevel(31));
  }

  @Test
  void whatIsNoneIsNamed() {
    assertThatThrownBy(() -> Exclusions.parse("free,chache"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'chache'")
        .hasMessageContaining("user");
    assertThatThrownBy(() -> Exclusions.parse("")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Exclusions.ofLevel(32)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Exclusions.ofLevel(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatCannotBeReadIsAlwaysLeftOut() {
    assertThat(Arrays.stream(PageKind.values()).filter(Exclusions.none()::exclude))
        .containsExactlyInAnyOrder(PageKind.HOLE, PageKind.OFFLINE, PageKind.POISONED);
  }

  @Test
  void theKernelsOwnIsNeverLeftOut() {
    Exclusions most = Exclusions.ofLevel(31);
    assertThat(Arrays.stream(PageKind.values()).filter(kind -> !most.exclude(kind)))
        .containsExactlyInAnyOrder(
            PageKind.UNKNOWN,
            PageKind.KERNEL,
            PageKind.KERNEL_IMAGE,
            PageKind.RESERVED,
            PageKind.SLAB,
            PageKind.PAGE_TABLE);
  }
}
