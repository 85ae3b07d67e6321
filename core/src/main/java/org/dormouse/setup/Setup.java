package org.dormouse.setup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.dormouse.text.ReportException;

/**
 * Carries a {@link SetupPlan} out, and takes back what was done: files, and single keys of the
 * settings, are as they were, unless a person has changed them since; those are left, and said.
 */
public final class Setup {
  private static final Path RECORD = Path.of("/var/lib/dormouse/setup");
  private static final Path FOR_STORES = Path.of("/var/lib/dormouse");

  /** The digest that lies beside a saver, as {@code sha256sum} writes it. */
  private static final String DIGEST_SUFFIX = ".sha256";

  /** More than such a file has, bytes. */
  private static final int LONGEST_DIGEST = 4096;

  /** Keys that every setup sets. */
  private static final Set<String> ALWAYS_SET = Set.of("store", "initramfs");

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

    /** Makes the file of the boot entry. */
    void layOutBootEntry() throws IOException;

    /** Takes back what sleeps have told the boot loader, and deletes the copies that it reads. */
    void removeBootEntry() throws IOException;

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
      case SetupStep.SetKeys keys -> set(keys, record);
      case SetupStep.MakeSaver(Path initramfs, String release) -> {
        makeFolders(initramfs, record);
        record.add(new SetupTrace.MadeSaver(initramfs));
        acts.makeSaver(at(initramfs), release);
      }
      // All that is left of it goes with the boot entry, which is taken back in any case.
      case SetupStep.LayOutBootEntry _ -> acts.layOutBootEntry();
      case SetupStep.EnableUnit(String unit, SetupStep.FirstStart first) -> {
        record.add(new SetupTrace.EnabledUnit(unit));
        run(
            switch (first) {
              case NOW -> List.of("systemctl", "enable", "--quiet", "--now", unit);
              case NEXT_BOOT -> List.of("systemctl", "enable", "--quiet", unit);
            });
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
    replace(
        file,
        content,
        switch (step.mode()) {
          case DATA -> DATA;
          case PROGRAM -> PROGRAM;
        });
  }

  private void set(SetupStep.SetKeys step, SetupRecord record) throws IOException {
    Path file = at(step.file());
    makeFolders(step.file(), record);
    boolean isThere = Files.exists(file);
    String text = isThere ? Files.readString(file) : "";
    Optional<SetupTrace.Wrote> whole = record.wrote(step.file());
    if (whole.isPresent()) {
      takeForKeys(whole.get(), text, record);
    }
    if (!isThere) {
      record.add(new SetupTrace.MadeSettings(step.file()));
    }
    List<SetupTrace> outdated = new ArrayList<>();
    for (Map.Entry<String, String> each : new TreeMap<>(step.keys()).entrySet()) {
      String key = each.getKey();
      Optional<String> now = ConfigurationText.value(text, key);
      List<SetupTrace.SetKey> earlier = record.keys(step.file(), key);
      // What was there before the first setup counts, unless a person has changed it since.
      Optional<String> before =
          earlier.stream()
              .filter(set -> now.equals(Optional.of(set.value())))
              .findFirst()
              .map(SetupTrace.SetKey::before)
              .orElse(ConfigurationText.line(text, key));
      SetupTrace fresh = new SetupTrace.SetKey(step.file(), key, each.getValue(), before);
      record.add(fresh);
      earlier.stream().filter(set -> !set.equals(fresh)).forEach(outdated::add);
      text = ConfigurationText.with(text, key, each.getValue());
    }
    rewrite(file, text);
    // Until now they told of what was there.
    for (SetupTrace each : outdated) {
      record.remove(each);
    }
  }

  /**
   * Replaces the record of a file that was written as a whole, as setups did once, by that of the
   * keys that it was written for.
   */
  private void takeForKeys(SetupTrace.Wrote whole, String text, SetupRecord record)
      throws IOException {
    // Before its keys: it is taken back behind them.
    if (whole.before().isEmpty()) {
      record.add(new SetupTrace.MadeSettings(whole.file()));
    }
    Optional<Path> kept = whole.before().map(record::kept).filter(Files::exists);
    String before = kept.isPresent() ? Files.readString(kept.get()) : "";
    boolean isOurs = standing(whole, record) == Standing.OURS;
    for (String key : ConfigurationText.keys(text)) {
      String value = ConfigurationText.value(text, key).orElseThrow();
      boolean isOther = !ConfigurationText.value(before, key).equals(Optional.of(value));
      if (isOther && (isOurs || ALWAYS_SET.contains(key))) {
        record.add(
            new SetupTrace.SetKey(whole.file(), key, value, ConfigurationText.line(before, key)));
      }
    }
    record.remove(whole);
    if (kept.isPresent()) {
      Files.delete(kept.get());
    }
  }

  /** Puts a text in the place of that of a file of settings: one that is a link stays one. */
  private static void rewrite(Path file, String text) throws IOException {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    if (!Files.exists(file)) {
      Path target =
          Files.isSymbolicLink(file) ? file.resolveSibling(Files.readSymbolicLink(file)) : file;
      replace(target, content, DATA);
      return;
    }
    Path real = file.toRealPath();
    PosixFileAttributes was = Files.readAttributes(real, PosixFileAttributes.class);
    Path fresh = written(real, content, was.permissions());
    PosixFileAttributes is = Files.readAttributes(fresh, PosixFileAttributes.class);
    if (!is.owner().equals(was.owner()) || !is.group().equals(was.group())) {
      PosixFileAttributeView view = Files.getFileAttributeView(fresh, PosixFileAttributeView.class);
      view.setOwner(was.owner());
      view.setGroup(was.group());
    }
    moveOver(fresh, real);
  }

  private static void replace(Path file, byte[] content, Set<PosixFilePermission> mode)
      throws IOException {
    moveOver(written(file, content, mode), file);
  }

  private static Path written(Path file, byte[] content, Set<PosixFilePermission> mode)
      throws IOException {
    Path fresh = fresh(file);
    Files.write(fresh, content);
    return Files.setPosixFilePermissions(fresh, mode);
  }

  /** Of a name that nobody who reads the folder takes for one of its own. */
  private static Path fresh(Path file) {
    return file.resolveSibling("." + file.getFileName() + ".dormouse-new");
  }

  /** So that there is always the one or the other. */
  private static void moveOver(Path fresh, Path file) throws IOException {
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
    SetupRecord record = SetupRecord.in(at(RECORD));
    List<String> lines = new ArrayList<>();
    for (SetupTrace trace : toTakeBack(record)) {
      describe(trace, record).ifPresent(lines::add);
    }
    return lines;
  }

  /** A line for people, if there is anything to say. */
  private Optional<String> describe(SetupTrace trace, SetupRecord record) throws IOException {
    return switch (trace) {
      case SetupTrace.Wrote wrote -> Optional.of(describe(wrote, record));
      case SetupTrace.SetKey key -> Optional.of(describe(key, record));
      case SetupTrace.MadeSettings(Path file) ->
          Optional.of("delete " + file + ", unless somebody has written more into it");
      case SetupTrace.MadeSaver(Path file) ->
          Optional.of(
              "delete "
                  + file
                  + (record.traces().contains(trace) ? "" : ": it was made with its kernel"));
      case SetupTrace.MadeStore(Path file) ->
          Optional.of("delete " + file + ", unless an image waits there to be woken");
      case SetupTrace.EnabledUnit(String unit) -> Optional.of("stop and disable " + unit);
      case SetupTrace.Refreshed(List<String> command) ->
          Optional.of(
              endsADesktop(command)
                  ? "leave logind as it runs, for somebody works at a desktop, which a restart might"
                      + " end: it offers hibernation until the next boot"
                  : "run " + String.join(" ", command));
      case SetupTrace.BootEntry _ ->
          Optional.of("take back what the boot loader was told, if it was told anything");
      case SetupTrace.MadeFolder _ -> Optional.empty();
    };
  }

  private boolean endsADesktop(List<String> command) throws IOException {
    return command.equals(SetupPlan.RESTART_LOGIND)
        && SetupFacts.services(root) == SetupFacts.Services.SYSTEMD_WITH_DESKTOP;
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

  private String describe(SetupTrace.SetKey set, SetupRecord record) throws IOException {
    return switch (standing(set, record)) {
      case OURS ->
          set.before().isPresent()
              ? "put " + set.key() + " in " + set.file() + " back as it was"
              : "take " + set.key() + " out of " + set.file();
      case AS_BEFORE -> "leave " + set.key() + " in " + set.file() + ": it is as it was";
      case CHANGED ->
          "leave " + set.key() + " in " + set.file() + ": somebody has changed it since";
    };
  }

  /**
   * What became of an undo.
   *
   * @param left how much was left, for somebody has changed it since, or an image waits there
   * @param failed what could not be taken back, and why; it is still remembered
   */
  public record Undone(int left, List<String> failed) {
    /** Copies the list. */
    public Undone {
      failed = List.copyOf(failed);
    }

    /** Whether all is as it was. */
    public boolean isWhole() {
      return left == 0 && failed.isEmpty();
    }
  }

  /** What became of one thing. */
  private enum Outcome {
    TAKEN_BACK,
    /** It is still remembered: it may be taken back another time. */
    LEFT,
    /** It is forgotten: it is a person's now. */
    LEFT_FOR_GOOD
  }

  /**
   * Takes back what was done. What fails keeps nothing else from being taken back.
   *
   * @throws IOException if it cannot be seen or remembered what was done; nothing was taken back
   */
  public Undone undo() throws IOException {
    SetupRecord record = SetupRecord.in(at(RECORD));
    List<SetupTrace> all = toTakeBack(record);
    int left = 0;
    List<String> failed = new ArrayList<>();
    for (SetupTrace trace : all) {
      try {
        describe(trace, record).ifPresent(say);
        // Whatever fails is found again, also what no setup did itself.
        record.add(trace);
        Outcome outcome = takeBack(trace, record);
        if (outcome != Outcome.TAKEN_BACK) {
          left++;
        }
        if (outcome != Outcome.LEFT) {
          record.remove(trace);
        }
      } catch (IOException e) {
        failed.add(String.valueOf(e.getMessage()));
      }
    }
    try {
      close(record);
    } catch (IOException e) {
      failed.add(String.valueOf(e.getMessage()));
    }
    return new Undone(left, failed);
  }

  /** Takes away what was only for remembering, once nothing is remembered. */
  private void close(SetupRecord record) throws IOException {
    record.close();
    if (record.traces().isEmpty()) {
      SetupRecord.Folders.deleteIfEmpty(at(FOR_STORES));
    }
  }

  /**
   * The last first; what makes something of the files behind the rest, as it was. What others did
   * because of a setup, sleeps and kernels that were installed, comes before all.
   */
  private List<SetupTrace> toTakeBack(SetupRecord record) throws IOException {
    List<SetupTrace> traces = record.traces();
    if (traces.isEmpty()) {
      return List.of();
    }
    Set<SetupTrace> ordered = new LinkedHashSet<>();
    ordered.add(new SetupTrace.BootEntry());
    ordered.addAll(saversOfKernels(traces));
    traces.reversed().stream()
        .filter(trace -> !(trace instanceof SetupTrace.Refreshed))
        .forEach(ordered::add);
    traces.stream().filter(SetupTrace.Refreshed.class::isInstance).forEach(ordered::add);
    return List.copyOf(ordered);
  }

  /** The savers that were made with their kernels, and so are in no record. */
  private List<SetupTrace> saversOfKernels(List<SetupTrace> recorded) throws IOException {
    Path folder = at(SetupPlan.SAVERS);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<SetupTrace> savers = new ArrayList<>();
    try (Stream<Path> found = Files.list(folder)) {
      for (Path file : found.sorted().toList()) {
        SetupTrace saver =
            new SetupTrace.MadeSaver(SetupPlan.SAVERS.resolve(file.getFileName().toString()));
        if (!recorded.contains(saver) && isSaver(file)) {
          savers.add(saver);
        }
      }
    }
    return savers;
  }

  /** By its name, and by the digest that lies beside all savers that we make. */
  private static boolean isSaver(Path file) throws IOException {
    String name = file.getFileName().toString();
    Path digest = file.resolveSibling(name + DIGEST_SUFFIX);
    return name.startsWith(SetupPlan.SAVER_PREFIX)
        && name.endsWith(SetupPlan.SAVER_SUFFIX)
        && Files.isRegularFile(file)
        && Files.isRegularFile(digest)
        && Files.size(digest) <= LONGEST_DIGEST
        && new String(Files.readAllBytes(digest), StandardCharsets.UTF_8)
            .matches("[0-9a-f]{64}  " + Pattern.quote(name) + "\n");
  }

  private Outcome takeBack(SetupTrace trace, SetupRecord record) throws IOException {
    switch (trace) {
      case SetupTrace.Wrote wrote -> {
        return takeBack(wrote, record);
      }
      case SetupTrace.SetKey set -> {
        return takeBack(set, record);
      }
      case SetupTrace.MadeSettings(Path file) -> {
        Path there = at(file);
        if (Files.exists(there)) {
          if (Files.readString(there).isBlank()) {
            Files.delete(there.toRealPath());
          } else {
            say.accept("leave " + file + ": somebody has written more into it");
          }
        }
      }
      case SetupTrace.MadeFolder(Path folder) -> {
        SetupRecord.Folders.deleteIfEmpty(at(folder));
        if (Files.exists(at(folder)) && holdsMore(folder, record)) {
          return Outcome.LEFT;
        }
      }
      case SetupTrace.MadeSaver(Path file) -> {
        Files.deleteIfExists(at(file));
        Files.deleteIfExists(at(file).resolveSibling(file.getFileName() + DIGEST_SUFFIX));
      }
      case SetupTrace.MadeStore(Path file) -> {
        if (Files.exists(at(file)) && !acts.deleteStore(at(file))) {
          say.accept("leave " + file + ", see above");
          return Outcome.LEFT;
        }
      }
      case SetupTrace.EnabledUnit(String unit) ->
          acts.run(List.of("systemctl", "disable", "--quiet", "--now", unit));
      case SetupTrace.Refreshed(List<String> command) -> {
        if (!endsADesktop(command)) {
          acts.run(command);
        }
      }
      case SetupTrace.BootEntry _ -> acts.removeBootEntry();
    }
    return Outcome.TAKEN_BACK;
  }

  /** Whether something that is to be taken back still lies in a folder. */
  private static boolean holdsMore(Path folder, SetupRecord record) {
    return record.traces().stream()
        .anyMatch(
            trace ->
                switch (trace) {
                  case SetupTrace.Wrote wrote -> wrote.file().startsWith(folder);
                  case SetupTrace.MadeSaver(Path file) -> file.startsWith(folder);
                  case SetupTrace.MadeStore(Path file) -> file.startsWith(folder);
                  default -> false;
                });
  }

  private Outcome takeBack(SetupTrace.SetKey set, SetupRecord record) throws IOException {
    Standing standing = standing(set, record);
    if (standing == Standing.OURS) {
      Path file = at(set.file());
      rewrite(file, ConfigurationText.restored(Files.readString(file), set.key(), set.before()));
    }
    return standing == Standing.CHANGED ? Outcome.LEFT_FOR_GOOD : Outcome.TAKEN_BACK;
  }

  private Outcome takeBack(SetupTrace.Wrote wrote, SetupRecord record) throws IOException {
    Path file = at(wrote.file());
    Standing standing = standing(wrote, record);
    if (standing == Standing.CHANGED) {
      return Outcome.LEFT;
    }
    if (wrote.before().isPresent()) {
      Path kept = record.kept(wrote.before().get());
      if (standing == Standing.OURS) {
        Path fresh = fresh(file);
        Files.copy(
            kept, fresh, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
        moveOver(fresh, file);
      }
      Files.delete(kept);
    } else {
      Files.deleteIfExists(file);
    }
    return Outcome.TAKEN_BACK;
  }

  /** How a file that was written, or a key that was set, stands now. */
  private enum Standing {
    /** As it was written. */
    OURS,
    /** As it was before. */
    AS_BEFORE,
    /** As neither: somebody has changed it. */
    CHANGED
  }

  private Standing standing(SetupTrace.SetKey set, SetupRecord record) throws IOException {
    Path file = at(set.file());
    String text = Files.exists(file) ? Files.readString(file) : "";
    Optional<String> now = ConfigurationText.value(text, set.key());
    // A setup that was cut short may have remembered what it did not write any more.
    if (record.keys(set.file(), set.key()).stream()
        .anyMatch(each -> now.equals(Optional.of(each.value())))) {
      return Standing.OURS;
    }
    return ConfigurationText.line(text, set.key()).equals(set.before())
        ? Standing.AS_BEFORE
        : Standing.CHANGED;
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
