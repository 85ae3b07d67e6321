package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.dormouse.lab.demo.Fill;
import org.dormouse.lab.demo.Scenario;
import org.dormouse.lab.demo.Wake;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * QEMU is killed while a machine is saved and while it is restored, with all that hangs on it: the
 * root file system is consistent each time, and cuts in a row do not use an image up. What is left
 * of the store at every other moment is the business of {@link EveryPowerCutIT}.
 */
@Tag("long")
class PowerCutsIT {
  private static final Duration LONG = Duration.ofMinutes(2);

  /**
   * A moment.
   *
   * @param line what the console says just before
   * @param later how much later
   */
  private record Moment(String line, Duration later) {
    static Moment atStage(String stage) {
      return after(0, "dormouse: stage " + stage + "$");
    }

    static Moment after(int millis, String line) {
      return new Moment(line, Duration.ofMillis(millis));
    }
  }

  /** Before the commit: there is no image. */
  private static final Moment BEFORE_THE_COMMIT = Moment.after(100, "dormouse: stage save$");

  /** Before the use: the image is as good as ever. */
  private static final List<Moment> BEFORE_THE_USE =
      List.of(
          Moment.atStage("wake-load"),
          Moment.atStage("restore"),
          Moment.after(700, "dormouse: stage restore$"));

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
    String booted = bootId(scenario);
    scenario.startToHibernate();
    cut(scenario, BEFORE_THE_COMMIT);
    assertThat(new StoreFile(scenario.imageDisk()).state()).isEqualTo("WRITING");
    scenario.boot();
    assertThat(bootId(scenario)).isNotEqualTo(booted);
    assertThat(scenario.machine().console().lines())
        .anyMatch(line -> line.text().contains("the image was not written to its end"));
  }

  private static void whileItIsRestored(Scenario scenario) throws Exception {
    scenario.startWorkload(13);
    scenario.fillTo(Fill.parse("40%"));
    SameGuest guest = SameGuest.of(scenario);
    scenario.hibernate();
    for (Moment moment : BEFORE_THE_USE) {
      scenario.powerOn();
      cut(scenario, moment);
      assertThat(new StoreFile(scenario.imageDisk()).state())
          .as("%s", moment)
          .isEqualTo("COMPLETE");
    }
    scenario.wake(Wake.KEXEC);
    guest.check(scenario);
  }

  private static void cut(Scenario scenario, Moment moment) throws Exception {
    scenario.machine().awaitLine(moment.line(), LONG);
    Thread.sleep(moment.later());
    scenario.machine().kill();
    assertThat(scenario.fileSystemErrorsAfterPowerCut()).as("%s", moment).isEmpty();
  }

  private static String bootId(Scenario scenario) throws Exception {
    return scenario.shell().check("cat /proc/sys/kernel/random/boot_id", LONG);
  }
}
