package org.dormouse.setup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.dormouse.text.ReportException;

/**
 * Carries a {@link SetupPlan} out, and takes back what was done: files are as they were, unless a
 * person has changed them since; those are left, and said.
 */
public final class Setup {
  private static final Path RECORD = Path.of("/var/lib/dormouse/setup");
  private static final Path FOR_STORES = Path.of("/var/lib/dormouse");

  private static final Set<PosixFilePermission> DATA = PosixFilePermissions.fromString("rw-r--r--");
  private static final Set<PosixFilePermission> PROGRAM =
      PosixFilePermissions.fromString("rwxr-xr-x");
  private static final FileAttribute<?> FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x"));

  private final Path root;
  private final Acts acts;
  private final Consumer<String> say;

  /** What is done by others. */
  public interface Acts {
    /**
     * Makes a file for images.
     *
     * @param bytes how large; empty for what all memory takes
     */
    void createStore(Path file, OptionalLong bytes) throws IOException;

    /**
     * Deletes a file for images.
     *
     * @return whether it did; it does not if an image waits there to be woken, and says so
     */
    boolean deleteStore(Path file) throws IOException;

    /** Makes the saver's initramfs for a kernel. */
    void makeSaver(Path initramfs, String release) throws IOException;

    /**
     * Runs a program to its end.
     *
     * @throws IOException if it cannot be started or fails; the message has what it said
     */
    void run(List<String> command) throws IOException;
  }

  /**
   * @param root the system's root folder
   * @param acts what is done by others
   * @param say is told of each step, in a line
   */
  public Setup(Path root, Acts acts, Consumer<String> say) {
    this.root = root;
    this.acts = acts;
    this.say = say;
  }

  /** Whether there is anything to be taken back. */
  public boolean isDone() throws IOException {
    return isDone(root);
  }

  /** Whether a system was set up. */
  public static boolean isDone(Path root) throws IOException {
    return !SetupRecord.in(at(root, RECORD)).traces().isEmpty();
  }

  /**
   * Does what is planned. What fails ends it; all that was done until then is remembered.
   *
   * @throws ReportException if a command fails
   */
  public void carryOut(SetupPlan plan) throws IOException {
    SetupRecord record = SetupRecord.in(at(RECORD));
    Deque<SetupStep.Refresh> last = new ArrayDeque<>();
    // All that makes something of the files, as it belongs to taking them back.
    for (SetupStep step : plan.steps()) {
      if (step instanceof SetupStep.Refresh(List<String> command, var _)) {
        record.add(new SetupTrace.Refreshed(command));
      }
    }
    for (SetupStep step : plan.steps()) {
      switch (step) {
        case SetupStep.Refresh refresh -> last.add(refresh);
        default -> carryOut(step, record);
      }
    }
    for (SetupStep.Refresh refresh : last) {
      say.accept(refresh.describe());
      run(refresh.command());
    }
  }

  private void carryOut(SetupStep step, SetupRecord record) throws IOException {
    say.accept(step.describe());
    switch (step) {
      case SetupStep.CreateStore(Path file, var bytes) -> {
        makeFolders(file, record);
        record.add(new SetupTrace.MadeStore(file));
        acts.createStore(at(file), bytes);
      }
      case SetupStep.WriteFile write -> write(write, record);
      case SetupStep.MakeSaver(Path initramfs, String release) -> {
        makeFolders(initramfs, record);
        record.add(new SetupTrace.MadeSaver(initramfs));
        acts.makeSaver(at(initramfs), release);
      }
      case SetupStep.EnableUnit(String unit) -> {
        record.add(new SetupTrace.EnabledUnit(unit));
        run(List.of("systemctl", "enable", "--quiet", unit));
      }
      case SetupStep.Refresh(List<String> command, var _) -> run(command);
    }
  }

  private void write(SetupStep.WriteFile step, SetupRecord record) throws IOException {
    Path file = at(step.file());
    makeFolders(step.file(), record);
    byte[] content = step.text().getBytes(StandardCharsets.UTF_8);
    Optional<SetupTrace.Wrote> earlier = record.wrote(step.file());
    if (earlier.isPresent() && Files.exists(file)) {
      // What was there before the first setup counts.
      record.replace(
          earlier.get(),
          new SetupTrace.Wrote(step.file(), digest(content), earlier.get().before()));
    } else {
      if (earlier.isPresent()) {
        record.remove(earlier.get());
      }
      Optional<String> before =
          Files.exists(file) ? Optional.of(record.keep(file)) : Optional.empty();
      record.add(new SetupTrace.Wrote(step.file(), digest(content), before));
    }
    replace(file, content, step.mode());
  }

  private static void replace(Path file, byte[] content, SetupStep.Mode mode) throws IOException {
    // Of a name that nobody who reads the folder takes for one of its own.
    Path fresh = file.resolveSibling("." + file.getFileName() + ".dormouse-new");
    Files.write(fresh, content);
    Files.setPosixFilePermissions(
        fresh,
        switch (mode) {
          case DATA -> DATA;
          case PROGRAM -> PROGRAM;
        });
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private void makeFolders(Path file, SetupRecord record) throws IOException {
    List<Path> missing = new ArrayList<>();
    for (Path folder = file.getParent();
        folder != null && !Files.exists(at(folder));
        folder = folder.getParent()) {
      missing.addFirst(folder);
    }
    for (Path folder : missing) {
      record.add(new SetupTrace.MadeFolder(folder));
      Files.createDirectory(at(folder), FOLDER);
    }
  }

  private void run(List<String> command) throws IOException {
    try {
      acts.run(command);
    } catch (IOException e) {
      throw new ReportException(
          new org.dormouse.text.Report(
              e.getMessage(),
              "What was done until then stays, and is remembered.",
              "Mend it and run 'dormouse setup-machine' again, or take all back: dormouse"
                  + " setup-machine --undo"),
          e);
    }
  }

  /** What {@link #undo} would do, in lines for people. Changes nothing. */
  public List<String> describeUndo() throws IOException {
    List<String> lines = new ArrayList<>();
    SetupRecord record = SetupRecord.in(at(RECORD));
    for (SetupTrace trace : inOrderOfUndo(record)) {
      switch (trace) {
        case SetupTrace.Wrote wrote -> lines.add(describe(wrote, record));
        case SetupTrace.MadeSaver(Path file) -> lines.add("delete " + file);
        case SetupTrace.MadeStore(Path file) ->
            lines.add("delete " + file + ", unless an image waits there to be woken");
        case SetupTrace.EnabledUnit(String unit) -> lines.add("disable " + unit);
        case SetupTrace.Refreshed(List<String> command) ->
            lines.add("run " + String.join(" ", command));
        case SetupTrace.MadeFolder _ -> {}
      }
    }
    return lines;
  }

  private String describe(SetupTrace.Wrote wrote, SetupRecord record) throws IOException {
    return switch (standing(wrote, record)) {
      case OURS ->
          wrote.before().isPresent()
              ? "put " + wrote.file() + " back as it was"
              : "delete " + wrote.file();
      case AS_BEFORE -> "leave " + wrote.file() + ": it is as it was";
      case CHANGED -> "leave " + wrote.file() + ": somebody has changed it since";
    };
  }

  /**
   * Takes back what was done.
   *
   * @return whether all is as it was; false if something was left, of which {@code say} was told
   * @throws ReportException if a command fails; what was not taken back is still remembered
   */
  public boolean undo() throws IOException {
    SetupRecord record = SetupRecord.in(at(RECORD));
    boolean whole = true;
    for (SetupTrace trace : inOrderOfUndo(record)) {
      if (takeBack(trace, record)) {
        record.remove(trace);
      } else {
        whole = false;
      }
    }
    record.close();
    if (record.traces().isEmpty()) {
      SetupRecord.Folders.deleteIfEmpty(at(FOR_STORES));
    }
    return whole;
  }

  /** The last first; what makes something of the files behind the rest, as it was. */
  private static List<SetupTrace> inOrderOfUndo(SetupRecord record) {
    List<SetupTrace> ordered = new ArrayList<>();
    record.traces().reversed().stream()
        .filter(trace -> !(trace instanceof SetupTrace.Refreshed))
        .forEach(ordered::add);
    record.traces().stream().filter(SetupTrace.Refreshed.class::isInstance).forEach(ordered::add);
    return ordered;
  }

  /** Whether it is as it was. */
  private boolean takeBack(SetupTrace trace, SetupRecord record) throws IOException {
    switch (trace) {
      case SetupTrace.Wrote wrote -> {
        return takeBack(wrote, record);
      }
      case SetupTrace.MadeFolder(Path folder) -> SetupRecord.Folders.deleteIfEmpty(at(folder));
      case SetupTrace.MadeSaver(Path file) -> {
        say.accept("delete " + file);
        Files.deleteIfExists(at(file));
        Files.deleteIfExists(at(file).resolveSibling(file.getFileName() + ".sha256"));
      }
      case SetupTrace.MadeStore(Path file) -> {
        if (Files.exists(at(file)) && !acts.deleteStore(at(file))) {
          say.accept("leave " + file + ", see above");
          return false;
        }
      }
      case SetupTrace.EnabledUnit(String unit) -> {
        say.accept("disable " + unit);
        run(List.of("systemctl", "disable", "--quiet", unit));
      }
      case SetupTrace.Refreshed(List<String> command) -> {
        say.accept("run " + String.join(" ", command));
        run(command);
      }
    }
    return true;
  }

  private boolean takeBack(SetupTrace.Wrote wrote, SetupRecord record) throws IOException {
    say.accept(describe(wrote, record));
    Path file = at(wrote.file());
    Standing standing = standing(wrote, record);
    if (standing == Standing.CHANGED) {
      return false;
    }
    if (wrote.before().isPresent()) {
      // Moved over it, so that there is always the one or the other.
      Path kept = record.kept(wrote.before().get());
      if (standing == Standing.OURS) {
        Path fresh = file.resolveSibling("." + file.getFileName() + ".dormouse-new");
        Files.copy(
            kept, fresh, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
        Files.move(
            fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      }
      Files.delete(kept);
    } else {
      Files.deleteIfExists(file);
    }
    return true;
  }

  /** How a file that was written stands now. */
  private enum Standing {
    /** As it was written. */
    OURS,
    /** As it was before. */
    AS_BEFORE,
    /** As neither: somebody has changed it. */
    CHANGED
  }

  private Standing standing(SetupTrace.Wrote wrote, SetupRecord record) throws IOException {
    Path file = at(wrote.file());
    if (!Files.exists(file)) {
      return wrote.before().isEmpty() ? Standing.AS_BEFORE : Standing.CHANGED;
    }
    String now = digest(Files.readAllBytes(file));
    if (now.equals(wrote.digest())) {
      return Standing.OURS;
    }
    if (wrote.before().isEmpty()) {
      return Standing.CHANGED;
    }
    Path kept = record.kept(wrote.before().get());
    return Files.exists(kept) && now.equals(digest(Files.readAllBytes(kept)))
        ? Standing.AS_BEFORE
        : Standing.CHANGED;
  }

  private static String digest(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  private Path at(Path absolute) {
    return at(root, absolute);
  }

  private static Path at(Path root, Path absolute) {
    return root.resolve(absolute.toString().substring(1));
  }
}
