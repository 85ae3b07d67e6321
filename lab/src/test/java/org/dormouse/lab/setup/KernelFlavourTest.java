package org.dormouse.lab.setup;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KernelFlavourTest {
  @ParameterizedTest
  @EnumSource
  void aFlavoursFragmentNamesNoOptionTwice(KernelFlavour flavour) {
    assertThat(flavour.fragment().answers().stream().map(line -> line.replaceAll("=.*", "")))
        .doesNotHaveDuplicates()
        .contains("CONFIG_KEXEC_JUMP", "CONFIG_CRASH_DUMP", "CONFIG_PROC_VMCORE");
  }
}
