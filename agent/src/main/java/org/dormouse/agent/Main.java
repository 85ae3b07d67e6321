package org.dormouse.agent;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.dormouse.kexec.SaverLayout;
import org.dormouse.linux.CommandLine;
import org.dormouse.linux.Power;
import org.dormouse.sleep.Journal;
import org.dormouse.sleep.Resume;
import org.dormouse.sleep.ReturnJump;
import org.dormouse.sleep.Save;
import org.dormouse.sleep.SaverTask;
import org.dormouse.sleep.SleepException;

/** What {@code /init} runs. If it returns, the machine goes on booting. */
public final class Main {
  private static final String JUMP_BACK_ENTRY = word(SaverLayout.JUMP_BACK_ENTRY_WORD);
  private static final String RESUME = "dormouse.resume";

  private final Journal journal;
  private final CommandLine commandLine;

  private Main(Journal journal, CommandLine commandLine) {
    this.journal = journal;
    this.commandLine = commandLine;
  }

  /**
   * Runs in whichever kernel this is.
   *
   * @param arguments none, to do what this kernel is for; {@code --abandon} if a first run has
   *     died: the saver then only jumps back, the resume kernel takes the image away; {@code
   *     --train FOLDER} exercises at build time what both do, on a file in that folder
   */
  public static void main(String[] arguments) throws Exception {
    PrintStream console =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    Journal journal = new ConsoleJournal(console);
    if (arguments.length == 2 && arguments[0].equals("--train")) {
      Training.run(Path.of(arguments[1]), journal);
      return;
    }
    Main agent = new Main(journal, CommandLine.running());
    boolean abandon = List.of(arguments).contains("--abandon");
    OptionalLong entry = agent.commandLine.address(JUMP_BACK_ENTRY);
    if (entry.isEmpty()) {
      agent.beResumeKernel(abandon ? Resume::giveUp : Resume::run);
    } else {
      if (!abandon) {
        agent.beSaver(entry.getAsLong());
      }
      journal.stage("return");
      ReturnJump.run(entry.getAsLong());
    }
  }

  /** Does what the original kernel asked for. If it returns, the original kernel is to go on. */
  private void beSaver(long jumpBackEntry) {
    journal.stage("saver");
    try {
      switch (SaverTask.of(commandLine)) {
        case SaverTask.Save save -> {
          new Save(journal).run(save, jumpBackEntry);
          journal.stage("poweroff");
          Power.off();
        }
        case SaverTask.Rehearse _ -> journal.say("the saver kernel is up, and goes back at once");
      }
    } catch (SleepException e) {
      journal.say("cannot save: " + e.getMessage() + ". " + e.state() + " " + e.remedy());
    } catch (IOException e) {
      journal.say("cannot save: " + e.getMessage() + ". Going back to the original kernel.");
    } catch (InterruptedException | RuntimeException e) {
      journal.say("cannot save, a defect in Dormouse: " + e + ". Going back.");
    }
  }

  /** What to do with the image in a store; answers why the machine goes on booting. */
  @FunctionalInterface
  private interface ResumeTask {
    String run(Resume resume, String store) throws IOException, InterruptedException;
  }

  /** Resumes, or says why not. */
  private void beResumeKernel(ResumeTask task) {
    Optional<String> store = commandLine.value(RESUME);
    if (store.isEmpty()) {
      return;
    }
    journal.stage("resume");
    try {
      String why = task.run(new Resume(journal), store.get());
      journal.say(why + ". Booting on.");
    } catch (IOException e) {
      journal.say("cannot resume from " + store.get() + ": " + e.getMessage() + ". Booting on.");
    } catch (InterruptedException | RuntimeException e) {
      journal.say("cannot resume, a defect in Dormouse: " + e + ". Booting on.");
    }
  }

  private static String word(String withEquals) {
    return withEquals.substring(0, withEquals.length() - 1);
  }
}
