package org.dormouse.rebuild;

import java.util.LinkedHashMap;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ArbitrarySupplier;

/** Random configurations of few options, so that two of them have many in common. */
final class Configurations implements ArbitrarySupplier<KernelConfiguration> {
  @Override
  public Arbitrary<KernelConfiguration> get() {
    Arbitrary<String> names =
        Arbitraries.of("A", "B", "C", "D", "E", "KEXEC_JUMP", "CC_X", "DEBUG_INFO_BTF");
    Arbitrary<String> values = Arbitraries.of("y", "m", "n", "7", "\"\"");
    return Arbitraries.maps(names, values)
        .map(answers -> new KernelConfiguration(Optional.empty(), new LinkedHashMap<>(answers)));
  }
}
