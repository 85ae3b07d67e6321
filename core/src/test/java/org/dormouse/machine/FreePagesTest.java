package org.dormouse.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.Set;
import org.dormouse.linux.CommandLine;
import org.dormouse.linux.KernelConfig;
import org.dormouse.memory.FreePagePolicy;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FreePagesTest {
  @ParameterizedTest
  @CsvSource({
    "quiet, NONE, ANY",
    "quiet, INIT_ON_FREE_DEFAULT_ON, ZERO",
    "quiet, UNKNOWN, ZERO",
    "init_on_free=1, NONE, ZERO",
    "init_on_free=on, NONE, ZERO",
    "init_on_free=0, INIT_ON_FREE_DEFAULT_ON, ANY",
    "init_on_free=0, UNKNOWN, ANY",
    "init_on_free=1 init_on_free=off, NONE, ANY",
    "init_on_free=off init_on_free=maybe, INIT_ON_FREE_DEFAULT_ON, ANY",
    "init_on_free, NONE, ANY",
    "init_on_alloc=1, NONE, ANY",
    "page_poison=1, NONE, SAVED",
    "page_poison=on init_on_free=1, UNKNOWN, SAVED",
    "page_poison=0, NONE, ANY",
    "debug_pagealloc=on, NONE, SAVED",
    "quiet, DEBUG_PAGEALLOC_ENABLE_DEFAULT, SAVED",
    "debug_pagealloc=off, DEBUG_PAGEALLOC_ENABLE_DEFAULT, ANY"
  })
  void commandLineBeatsConfiguration(String words, String option, FreePagePolicy policy) {
    Optional<KernelConfig> config =
        option.equals("UNKNOWN") ? Optional.empty() : Optional.of(new KernelConfig(Set.of(option)));
    assertThat(FreePages.policy(CommandLine.parse(words), config)).isEqualTo(policy);
  }
}
