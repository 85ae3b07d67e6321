package org.dormouse.kexec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.dormouse.boot.BzImage;
import org.dormouse.boot.PagingMode;
import org.dormouse.memory.PageRange;

/** What the saver's two command lines have in common. */
final class SaverWords {
  private static final String FOUR_LEVEL = "no5lvl";

  private SaverWords() {}

  /** What follows from the original kernel's paging mode and from the crash reservation. */
  static List<String> common(PagingMode paging, Optional<PageRange> crashReservation) {
    List<String> words = new ArrayList<>();
    if (paging == PagingMode.FOUR_LEVEL) {
      words.add(FOUR_LEVEL);
    }
    crashReservation.ifPresent(
        range -> {
          words.add(
              String.format("crashkernel=%dM@0x%x", range.bytes() >> 20, range.startAddress()));
          words.addAll(PanicLogArea.words(range));
        });
    return words;
  }

  /** The command line. */
  static String join(List<String> words, BzImage kernel) throws KexecPlanException {
    String commandLine = String.join(" ", words);
    int excess = commandLine.getBytes(StandardCharsets.UTF_8).length - kernel.commandLineLimit();
    if (excess > 0) {
      throw KexecPlanException.of(
          "the saver's command line is %d bytes too long for its kernel, which takes %d",
          excess, kernel.commandLineLimit());
    }
    return commandLine;
  }
}
