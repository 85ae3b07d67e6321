package org.dormouse.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ModuleChoiceTest {
  @Test
  void readsWhatLsmodPrintsAndWhatPeopleWrite() {
    ModuleChoice choice =
        ModuleChoice.named(
            "here",
            List.of(
                "Module                  Size  Used by",
                "virtio_net             98304  0",
                "# a comment",
                "; another",
                "",
                "  i2c-piix4 force=1"));
    assertThat(((ModuleChoice.Named) choice).names())
        .contains("virtio_net", "i2c_piix4")
        .containsAll(ModuleChoice.ALWAYS)
        .hasSize(2 + ModuleChoice.ALWAYS.size());
  }
}
