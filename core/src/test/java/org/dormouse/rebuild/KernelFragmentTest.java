package org.dormouse.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KernelFragmentTest {
  private static final KernelFragment FRAGMENT =
      new KernelFragment("# why\nCONFIG_SMP=y\n  CONFIG_NR_CPUS=64\n\nCONFIG_MODULES=n\n");

  @Test
  void answersAreTheLinesThatNameAnOption() {
    assertThat(FRAGMENT.answers())
        .containsExactly("CONFIG_SMP=y", "CONFIG_NR_CPUS=64", "CONFIG_MODULES=n");
  }

  @Test
  void nothingIsUnheededWhenEveryAnswerHolds() {
    assertThat(
            FRAGMENT.unheeded(
                "# CONFIG_MODULES is not set\nCONFIG_SMP=y\nCONFIG_NR_CPUS=64\nCONFIG_PCI=y\n"))
        .isEmpty();
  }

  @Test
  void anOptionThatIsNotThereOrHasAnotherValueIsUnheeded() {
    assertThat(FRAGMENT.unheeded("CONFIG_NR_CPUS=8\n"))
        .containsExactly("CONFIG_SMP=y", "CONFIG_NR_CPUS=64");
  }

  @Test
  void anOptionThatShouldBeOffAndIsOnIsUnheeded() {
    assertThat(FRAGMENT.unheeded("CONFIG_SMP=y\nCONFIG_NR_CPUS=64\nCONFIG_MODULES=y\n"))
        .containsExactly("CONFIG_MODULES=n");
  }

  @Test
  void whatAnotherFragmentAnswersItAnswers() {
    KernelFragment other = new KernelFragment("# more\nCONFIG_NR_CPUS=8\nCONFIG_PCI=y\n");
    assertThat(FRAGMENT.with(other).answers())
        .containsExactly("CONFIG_SMP=y", "CONFIG_MODULES=n", "CONFIG_NR_CPUS=8", "CONFIG_PCI=y");
  }

  @Test
  void aLongerNameIsAnotherOption() {
    assertThat(new KernelFragment("CONFIG_KEXEC=n\n").unheeded("CONFIG_KEXEC_JUMP=y\n")).isEmpty();
  }
}
