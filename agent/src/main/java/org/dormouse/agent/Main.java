package org.dormouse.agent;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.dormouse.codec.Xxh64;
import org.dormouse.linux.CommandLine;
import org.dormouse.protocol.Journal;
import org.dormouse.protocol.Place;
import org.dormouse.protocol.SaverWords;
import org.dormouse.saver.Restore;
import org.dormouse.saver.Saver;
import org.dormouse.training.Training;

/**
 * What {@code /init} of a saver runs. It does not end as long as all goes well: it switches the
 * machine off, or is inside a jump. If it ends, {@code /init} goes by what it finds: the original
 * kernel goes on if there is one, else the machine restarts.
 */
public final class Main {
  /** Says, once the original kernel has entered this saver again, where it goes on. */
  private static final Path ENTERED = Path.of("/run/entered-from-original");

  /** Says that {@code /init} has loaded the way back that needs no Java, or could not. */
  private static final Path WAY_BACK_TRIED = Path.of("/run/way-back-tried");

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration GLANCE = Duration.ofMillis(10);

  /** Says that the reason of a wake that failed is written down. */
  private static final Path RECORDED = Path.of("/run/failure-recorded");

  /** The end of the program for a wake that cannot be: {@code /init} restarts the machine. */
  private static final int NOT_WOKEN = 3;

  private final Journal journal;
  private final CommandLine commandLine;

  private Main(Journal journal, CommandLine commandLine) {
    this.journal = journal;
    this.commandLine = commandLine;
  }

  /**
   * Runs in a saver kernel.
   *
   * @param arguments none, to do what this saver was started for; {@code --report EXIT_CODE FILE}
   *     if a first run has died and the original kernel is to be told; {@code --failed EXIT_CODE
   *     FILE} if a first run has died over a wake; {@code --train FOLDER} to exercise at build time
   *     what a saver does, on a file in that folder; those of {@link KernelWork}, in one of several
   *     kernels
   */
  public static void main(String[] arguments) throws Exception {
    PrintStream console =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    List<String> words = List.of(arguments);
    if (words.size() == 2 && words.getFirst().equals("--train")) {
      Training.run(Path.of(words.get(1)), ConsoleJournal.on(console));
      return;
    }
    Journal journal = ConsoleJournal.andLog(console);
    if (!words.isEmpty() && words.getFirst().startsWith(KernelWork.PREFIX)) {
      System.exit(new KernelWork(journal, console).run(words));
    }
    Thread.ofPlatform().daemon(true).name("link-codecs").start(Xxh64::link);
    Main agent = new Main(journal, CommandLine.running());
    if (words.isEmpty()) {
      agent.run();
    } else if (words.size() == 3 && words.getFirst().equals("--report")) {
      agent.report(Long.parseLong(words.get(1)), Files.readString(Path.of(words.get(2))));
    } else if (words.size() == 3 && words.getFirst().equals("--failed")) {
      agent.failed(words.get(1), Files.readString(Path.of(words.get(2))));
    } else {
      throw new IllegalArgumentException("not for this program: " + words);
    }
  }

  private void run() throws IOException, InterruptedException {
    Optional<Place> place = place();
    if (place.isPresent()) {
      awaitWayBack();
      new Saver(journal, place.get()).serve(0);
    } else {
      restore();
    }
  }

  /** What is loaded last stays, and that is to be the way back that can be entered again. */
  private static void awaitWayBack() throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!Files.exists(WAY_BACK_TRIED) && System.nanoTime() < deadline) {
      Thread.sleep(GLANCE);
    }
  }

  /** Where the original kernel goes on that has entered this saver, if one has. */
  private Optional<Place> place() throws IOException {
    // /init makes the file, empty, where the command line says the same.
    return Files.exists(ENTERED) && Files.size(ENTERED) > 0
        ? Optional.of(Place.parse(Files.readString(ENTERED)))
        : SaverWords.place(commandLine);
  }

  private void restore() throws IOException, InterruptedException {
    UUID image = SaverWords.image(commandLine);
    switch (restoreOf(image).run()) {
      case Restore.Outcome.Woken woken -> {
        Files.writeString(ENTERED, woken.place().text());
        new Saver(journal, woken.place()).serve(woken.answered());
      }
      case Restore.Outcome.NothingToWake(String why) -> notWoken("nothing to wake: " + why);
      case Restore.Outcome.Refused(String why) -> notWoken("the image is not woken: " + why);
      case Restore.Outcome.NotOpened(String why) ->
          notWoken("the image stays as it is, and the machine boots without it: " + why);
      case Restore.Outcome.Failed(String why) ->
          notWoken("the wake failed, and the image is as good as before: " + why);
    }
  }

  private Restore restoreOf(UUID image) throws IOException {
    return new Restore(
        journal, image, SaverWords.offset(commandLine), SaverWords.start(commandLine));
  }

  private void notWoken(String why) throws IOException {
    Files.writeString(RECORDED, why);
    journal.say(why);
    System.exit(NOT_WOKEN);
  }

  private void report(long exitCode, String printed) throws IOException {
    Place place =
        place().orElseThrow(() -> new IOException("no original kernel has entered this saver"));
    new Saver(journal, place).reportDeath(exitCode, printed);
  }

  private void failed(String exitCode, String printed) throws IOException {
    restoreOf(SaverWords.image(commandLine)).recordDeath(exitCode, printed);
  }
}
