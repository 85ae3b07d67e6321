package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.dormouse.image.Image;
import org.dormouse.image.ImageFormatException;
import org.dormouse.image.ImageState;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.demo.Wake;
import org.dormouse.store.BlockStore;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The power fails at moments of all stages of a sleep and of a wake. The next power-on does the one
 * thing that is right: it wakes from an image that is complete and was not used, and boots in all
 * other cases. The root file system is consistent each time.
 */
class PowerCutsIT {
  private static final Duration LONG = Duration.ofMinutes(2);

  /**
   * A moment.
   *
   * @param line what the console says just before
   * @param later how much later
   */
  private record Moment(String line, Duration later) {
    static Moment at(String line) {
      return after(0, line);
    }

    static Moment atStage(String stage) {
      return at("dormouse: stage " + stage + "$");
    }

    static Moment after(int millis, String line) {
      return new Moment(line, Duration.ofMillis(millis));
    }
  }

  /** Before the commit: there is no image. */
  private static final List<Moment> BEFORE_THE_COMMIT =
      List.of(
          Moment.atStage("load"),
          Moment.atStage("claim"),
          Moment.atStage("jump"),
          Moment.atStage("saver"),
          Moment.atStage("page-kinds"),
          Moment.atStage("save"),
          Moment.after(600, "dormouse: stage save$"));

  /** The image is complete, or is not yet. */
  private static final List<Moment> AROUND_THE_COMMIT =
      List.of(
          Moment.atStage("commit"),
          Moment.after(15, "dormouse: stage commit$"),
          Moment.atStage("poweroff"));

  /** Before the use: the image is as good as ever. */
  private static final List<Moment> BEFORE_THE_USE =
      List.of(
          Moment.atStage("wake-search"),
          Moment.atStage("wake-load"),
          Moment.atStage("wake-jump"),
          Moment.atStage("restore-search"),
          Moment.atStage("restore-check"),
          Moment.atStage("restore"),
          Moment.after(700, "dormouse: stage restore$"));

  /** It has been used, or not yet. */
  private static final List<Moment> AROUND_THE_USE =
      List.of(
          Moment.at("dormouse: fact place_s"),
          Moment.after(30, "dormouse: fact place_s"),
          Moment.atStage("wake"),
          Moment.atStage("awake"));

  private static TestBed bed;

  @BeforeAll
  static void prepare() throws Exception {
    bed = TestBed.prepare();
  }

  @Test
  void theNextPowerOnDoesWhatIsRight() throws Exception {
    Path folder = bed.folder("power-cuts");
    try (Scenario scenario =
        Scenario.prepare(
            bed.software(),
            // With attempts that were cut off behind it, an image is tried after a question.
            bed.machine().withMemoryBytes(512L << 20).withAppend("dormouse.wait=0"),
            folder)) {
      scenario.boot();
      whileItIsSaved(scenario);
      whileItIsRestored(scenario);
      scenario.shutDown();
      assertThat(scenario.fileSystemErrors()).isEmpty();
    }
    bed.tidy(folder);
  }

  private static void whileItIsSaved(Scenario scenario) throws Exception {
    for (Moment moment : BEFORE_THE_COMMIT) {
      String booted = bootId(scenario);
      cutSleep(scenario, moment);
      assertThat(stateOfStore(scenario)).as("%s", moment).isNotEqualTo(ImageState.COMPLETE);
      bootsAnew(scenario, moment, booted);
    }
    List<ImageState> found = new ArrayList<>();
    for (Moment moment : AROUND_THE_COMMIT) {
      SameGuest guest = works(scenario);
      cutSleep(scenario, moment);
      found.add(stateOfStore(scenario));
      if (found.getLast() == ImageState.COMPLETE) {
        scenario.wake(Wake.KEXEC);
        guest.check(scenario);
      } else {
        bootsAnew(scenario, moment, guest.before().text("boot_id"));
      }
    }
    System.out.println("at the moments around the commit the store was " + found);
    assertThat(found).last().isEqualTo(ImageState.COMPLETE);
  }

  private static void whileItIsRestored(Scenario scenario) throws Exception {
    SameGuest guest = works(scenario);
    scenario.hibernate();
    for (Moment moment : BEFORE_THE_USE) {
      cutWake(scenario, moment);
      assertThat(stateOfStore(scenario)).as("%s", moment).isEqualTo(ImageState.COMPLETE);
    }
    scenario.wake(Wake.KEXEC);
    guest.check(scenario);

    List<ImageState> found = new ArrayList<>();
    for (Moment moment : AROUND_THE_USE) {
      if (found.isEmpty() || found.getLast() == ImageState.CONSUMED) {
        guest = works(scenario);
        scenario.hibernate();
      }
      cutWake(scenario, moment);
      found.add(stateOfStore(scenario));
      if (found.getLast() != ImageState.COMPLETE) {
        bootsAnew(scenario, moment, guest.before().text("boot_id"));
      }
    }
    System.out.println("at the moments around the use the store was " + found);
    assertThat(found)
        .containsOnly(ImageState.COMPLETE, ImageState.CONSUMED)
        .endsWith(ImageState.CONSUMED, ImageState.CONSUMED);
  }

  private static void cutSleep(Scenario scenario, Moment moment) throws Exception {
    scenario.startToHibernate();
    cut(scenario, moment);
  }

  private static void cutWake(Scenario scenario, Moment moment) throws Exception {
    scenario.powerOn();
    cut(scenario, moment);
  }

  private static void cut(Scenario scenario, Moment moment) throws Exception {
    scenario.machine().awaitLine(moment.line(), LONG);
    Thread.sleep(moment.later());
    scenario.machine().kill();
    assertThat(scenario.fileSystemErrorsAfterPowerCut()).as("%s", moment).isEmpty();
  }

  /** The next power-on is an ordinary boot, and says what is in the store. */
  private static void bootsAnew(Scenario scenario, Moment moment, String bootBefore)
      throws Exception {
    ImageState state = stateOfStore(scenario);
    scenario.boot();
    assertThat(bootId(scenario)).as("%s", moment).isNotEqualTo(bootBefore);
    String told =
        switch (state) {
          case WRITING -> "the image was not written to its end";
          case CONSUMED -> "the image was used already";
          case EMPTY -> "dormouse: stage wake-search";
          case COMPLETE, REFUSED, DUMP -> throw new AssertionError(moment + ": it may not boot");
        };
    assertThat(scenario.machine().console().lines())
        .as("%s", moment)
        .anyMatch(line -> line.text().contains(told));
    assertThat(stateOfStore(scenario)).as("%s", moment).isEqualTo(state);
  }

  /** What the guest says of itself; it works, if it did not yet. */
  private static SameGuest works(Scenario scenario) throws Exception {
    if (!scenario.shell().run("ask status", LONG).succeeded()) {
      scenario.startWorkload(13);
      scenario.fillTo(Fill.parse("40%"));
    }
    return SameGuest.of(scenario);
  }

  private static String bootId(Scenario scenario) throws Exception {
    return scenario.shell().check("cat /proc/sys/kernel/random/boot_id", LONG);
  }

  private static ImageState stateOfStore(Scenario scenario) throws Exception {
    try (BlockStore store = BlockStore.forReading(scenario.imageDisk())) {
      return Image.header(store).state();
    } catch (ImageFormatException e) {
      // Nobody has ever slept there.
      return ImageState.EMPTY;
    }
  }
}
