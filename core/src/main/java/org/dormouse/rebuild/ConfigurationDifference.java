package org.dormouse.rebuild;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How the configuration that the kernel's own tools made of ours differs from the distribution's.
 *
 * @param changes all of them, each option once, by what they come from
 */
public record ConfigurationDifference(Map<Kind, List<Change>> changes) {
  /** What a change comes from. */
  public enum Kind {
    /** It was to be changed, or follows from what was. */
    MEANT,
    /** The tools asked the compiler here, or another program. */
    COMPILER,
    /** The distribution's configuration does not mention it, for the source is newer. */
    FRESH,
    /** A module that is not built, or what belongs to such modules alone. */
    LEFT_OUT,
    /** None of these: there should be none. */
    UNMEANT
  }

  /**
   * An option that is answered otherwise.
   *
   * @param name without {@code CONFIG_}
   * @param before the distribution's answer
   * @param after the new one
   */
  public record Change(String name, String before, String after) {
    /** For people: {@code KEXEC_JUMP n -> y}. */
    @Override
    public String toString() {
      return name + " " + before + " -> " + after;
    }
  }

  /**
   * The changes of {@link JumpConfiguration}, and what depends on debug information: {@code BTF},
   * with the schedulers that are loaded as BPF programs.
   */
  private static final Pattern MEANT =
      Pattern.compile(
          "KEXEC_JUMP|LOCALVERSION|LOCALVERSION_AUTO|DEBUG_INFO(_.*)?|(.*_)?BTF(_.*)?|GDB_SCRIPTS"
              + "|SCHED_CLASS_EXT|EXT_GROUP_SCHED|MODULE_SIG_KEY|MODULE_SIG_ALL|SYSTEM_TRUSTED_KEYS"
              + "|SYSTEM_REVOCATION_KEYS");

  /** What is asked of the compiler, the assembler, the linker and others ({@code Kconfig}). */
  private static final Pattern COMPILER =
      Pattern.compile("(CC|GCC|GCC\\d+|CLANG|AS|LD|LLD|PAHOLE|RUST|RUSTC|BINDGEN|TOOLS)_.*");

  /** Copies the changes. */
  public ConfigurationDifference {
    Map<Kind, List<Change>> copy = new EnumMap<>(Kind.class);
    changes.forEach((kind, list) -> copy.put(kind, List.copyOf(list)));
    changes = copy;
  }

  /**
   * Compares two configurations.
   *
   * @param before the distribution's
   * @param after ours, complete
   * @param modules whether modules were to be left out
   */
  public static ConfigurationDifference between(
      KernelConfiguration before, KernelConfiguration after, ModuleChoice modules) {
    Map<Kind, List<Change>> changes = new EnumMap<>(Kind.class);
    Set<String> names = new TreeSet<>(before.answers().keySet());
    names.addAll(after.answers().keySet());
    for (String name : names) {
      Change change = new Change(name, plain(before.value(name)), plain(after.value(name)));
      if (!change.before().equals(change.after())) {
        Kind kind = kind(change, before.mentions(name), after.mentions(name), modules);
        changes.computeIfAbsent(kind, _ -> new ArrayList<>()).add(change);
      }
    }
    return new ConfigurationDifference(changes);
  }

  /** An empty string says as little as an option that is off. */
  private static String plain(String value) {
    return value.equals("\"\"") ? KernelConfiguration.OFF : value;
  }

  private static Kind kind(Change change, boolean asked, boolean stillAsked, ModuleChoice modules) {
    if (MEANT.matcher(change.name()).matches()) {
      return Kind.MEANT;
    }
    if (COMPILER.matcher(change.name()).matches()) {
      return Kind.COMPILER;
    }
    if (!asked) {
      return Kind.FRESH;
    }
    boolean module = change.before().equals(KernelConfiguration.MODULE);
    boolean gone = change.after().equals(KernelConfiguration.OFF);
    // What is no longer asked for stood on modules alone. What is asked for and off was turned off.
    return modules instanceof ModuleChoice.Named && gone && (module || !stillAsked)
        ? Kind.LEFT_OUT
        : Kind.UNMEANT;
  }

  /** The changes of a kind, in the order of their names. */
  public List<Change> of(Kind kind) {
    return changes.getOrDefault(kind, List.of());
  }

  /** For people, in a few lines: those that matter by name, the others counted. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("changed: " + names(of(Kind.MEANT)));
    if (!of(Kind.FRESH).isEmpty()) {
      lines.add("new in this source, as its defaults are: " + names(of(Kind.FRESH)));
    }
    if (!of(Kind.LEFT_OUT).isEmpty()) {
      lines.add(
          "%d modules are left out, and %d options that belong to them"
              .formatted(modulesLeftOut(), of(Kind.LEFT_OUT).size() - modulesLeftOut()));
    }
    if (!of(Kind.UNMEANT).isEmpty()) {
      lines.add("changed, and not meant to be: " + names(of(Kind.UNMEANT)));
    }
    lines.add("all else is as the distribution has it");
    return lines;
  }

  private long modulesLeftOut() {
    return of(Kind.LEFT_OUT).stream()
        .filter(change -> change.before().equals(KernelConfiguration.MODULE))
        .count();
  }

  private static String names(List<Change> changes) {
    return changes.isEmpty()
        ? "nothing"
        : changes.stream().map(Change::toString).collect(Collectors.joining(", "));
  }
}
