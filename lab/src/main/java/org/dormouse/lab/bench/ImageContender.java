package org.dormouse.lab.bench;

import java.util.List;
import java.util.Optional;

/**
 * A program that does something with a vmcore.
 *
 * @param label for people
 * @param command its arguments; {@link ImageBench#VMCORE} and {@link ImageBench#OUTPUT} stand for
 *     files
 * @param reads the label of the contender whose output it reads: that one's turn comes right before
 */
public record ImageContender(String label, List<String> command, Optional<String> reads) {
  public ImageContender {
    command = List.copyOf(command);
  }

  static ImageContender writing(String label, List<String> command) {
    return new ImageContender(label, command, Optional.empty());
  }

  ImageContender reader(String label, List<String> command) {
    return new ImageContender(label, command, Optional.of(this.label));
  }
}
