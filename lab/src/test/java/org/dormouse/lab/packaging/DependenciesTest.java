package org.dormouse.lab.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.dormouse.lab.packaging.ElfNeeds.LibcVersion;
import org.junit.jupiter.api.Test;

class DependenciesTest {
  private static final String READELF =
      """
       0x0000000000000001 (NEEDED)             Shared library: [libjvm.so]
       0x0000000000000001 (NEEDED)             Shared library: [libc.so.6]
       0x000000000000000e (SONAME)             Library soname: [libjava.so]
        0x0010:   Name: GLIBC_2.4  Flags: none  Version: 10
        0x0020:   Name: GLIBC_2.34  Flags: none  Version: 9
        0x0030:   Name: GLIBC_2.2.5  Flags: none  Version: 4
      """;

  @Test
  void whatReadelfSaysIsRead() {
    assertThat(ElfNeeds.parse(READELF))
        .isEqualTo(
            new ElfNeeds(Set.of("libjvm.so", "libc.so.6"), Optional.of(new LibcVersion(2, 34))));
    assertThat(ElfNeeds.parse("There is no dynamic section in this file."))
        .isEqualTo(new ElfNeeds(Set.of(), Optional.empty()));
  }

  @Test
  void theNewestInterfaceOfTheCLibraryIsAskedFor() {
    ElfNeeds older = new ElfNeeds(Set.of("libm.so.6"), Optional.of(new LibcVersion(2, 17)));
    assertThat(Dependencies.of(List.of(older, ElfNeeds.parse(READELF)), Set.of("libjvm.so")))
        .isEqualTo("busybox-static, kexec-tools, libc6 (>= 2.34), libssl3, xz-utils");
  }

  @Test
  void anotherDistributionsRuntimeMayNeedMore() {
    ElfNeeds needs = new ElfNeeds(Set.of("libz.so.1"), Optional.empty());
    assertThat(Dependencies.of(List.of(needs), Set.of())).endsWith("libssl3, xz-utils, zlib1g");
  }

  @Test
  void aLibraryThatNobodyIsKnownToHaveIsNotForgotten() {
    assertThatThrownBy(() -> Dependencies.of(List.of(ElfNeeds.parse(READELF)), Set.of()))
        .hasMessageContaining("libjvm.so");
  }
}
