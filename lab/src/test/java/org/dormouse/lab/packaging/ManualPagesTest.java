package org.dormouse.lab.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SortedMap;
import org.dormouse.cli.Main;
import org.junit.jupiter.api.Test;

class ManualPagesTest {
  private final SortedMap<String, String> pages = ManualPages.of(Main.commandLine());

  @Test
  void everyCommandForUsersHasAPage() {
    assertThat(pages)
        .containsKeys("dormouse", "dormouse-hibernate", "dormouse-key-create", "dormouse-image")
        .doesNotContainKeys("dormouse-train", "dormouse-image-import");
  }

  @Test
  void aPageIsOfTheRightSectionAndVersion() {
    assertThat(pages)
        .allSatisfy(
            (name, page) ->
                assertThat(page)
                    .contains("= " + name + "(8)\n", ":mansource: dormouse 0.")
                    .containsPattern("== Name\n\n" + name + " - [^\n]*[^.\n]\n"));
  }

  @Test
  void whatACommandIsForIsOneSentence() {
    assertThat(ManualPages.finished("== Name\n\nx-y - Does this, e.g. that. And more.\n", "1"))
        .isEqualTo("== Name\n\nx-y - Does this, e.g. that\n");
    assertThat(pages.get("dormouse-arm"))
        .containsPattern("dormouse-arm - Boots a saver [^.]* boots nothing\n");
  }

  @Test
  void pagesNameOneAnother() {
    assertThat(pages.get("dormouse")).contains("== Exit Status", "*dormouse-bios*(8)", "key");
    assertThat(pages.get("dormouse-key-create")).endsWith("*dormouse*(8), *dormouse-key*(8)\n");
  }
}
