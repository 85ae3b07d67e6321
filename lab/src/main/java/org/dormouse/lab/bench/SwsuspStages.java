package org.dormouse.lab.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dormouse.lab.demo.ScenarioException;
import org.dormouse.lab.demo.Stage;
import org.dormouse.lab.demo.Transition;
import org.dormouse.lab.qemu.SerialLine;

/**
 * The stages of the kernel's own hibernation, from the lines that it prints: {@code
 * kernel/power/hibernate.c}, {@code snapshot.c}, {@code swap.c}, {@code process.c}.
 *
 * @param first the name of the stage before any line
 * @param marks in the order in which the kernel prints them
 */
record SwsuspStages(String first, List<Mark> marks) {
  /** From the command to the power-off. */
  static final SwsuspStages SLEEP =
      new SwsuspStages(
          Transition.COMMAND,
          List.of(
              Mark.of("freeze", "PM: hibernation: hibernation entry"),
              Mark.of("make room", "PM: hibernation: Preallocating image memory"),
              Mark.of("snapshot", "Freezing remaining freezable tasks"),
              Mark.of("save", "PM: (Compressing and saving|Saving) image data"),
              Mark.of("poweroff", "PM: hibernation: Wrote ")));

  /** From power-on until the guest is awake. */
  static final SwsuspStages WAKE =
      new SwsuspStages(
          Transition.FIRMWARE,
          List.of(
              Mark.of("boot", "Linux version \\d"),
              Mark.of("restore", "PM: (Loading and decompressing|Loading) image data"),
              Mark.of("wake", "PM: hibernation: Read ")));

  /** A line with which a stage begins. */
  record Mark(String stage, Pattern line) {
    static Mark of(String stage, String line) {
      return new Mark(stage, Pattern.compile(line));
    }
  }

  private static final Pattern IMAGE_SIZE =
      Pattern.compile("PM: Image size after compression: (\\d+) kbytes");

  /** The size of the image itself: what was moved to swap space before is not in it. */
  static long imageBytes(Transition transition) throws ScenarioException {
    for (SerialLine line : transition.lines()) {
      Matcher size = IMAGE_SIZE.matcher(line.text());
      if (size.find()) {
        return Long.parseLong(size.group(1)) << 10;
      }
    }
    throw new ScenarioException("The guest's kernel did not say how large its image is.");
  }

  /** The stages one after the other; one whose line did not come is a part of the one before. */
  List<Stage> of(Transition transition) {
    List<Stage> stages = new ArrayList<>();
    String name = first;
    Duration begin = transition.begin();
    int next = 0;
    for (SerialLine line : transition.lines()) {
      int found = indexFrom(next, line.text());
      if (found >= 0) {
        stages.add(new Stage(name, line.at().minus(begin)));
        name = marks.get(found).stage();
        begin = line.at();
        next = found + 1;
      }
    }
    stages.add(new Stage(name, transition.end().minus(begin)));
    return stages;
  }

  private int indexFrom(int first, String line) {
    for (int i = first; i < marks.size(); i++) {
      if (marks.get(i).line().matcher(line).find()) {
        return i;
      }
    }
    return -1;
  }
}
