package org.dormouse.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.dormouse.machine.DiskUse;
import org.dormouse.memory.PageRange;
import org.dormouse.text.KeyValues;

/**
 * What several kernels on one machine know of one another: the text of the switch table. Each step
 * from one kernel to another is a function from a table to the next one.
 *
 * @param dispatcher the physical address of the stub that the original kernel's jumps lead through
 * @param loads how often anything had been loaded by kexec in the original kernel when these were,
 *     if that kernel counts
 * @param running who runs
 * @param happened what happened last, for people; empty if nothing did
 * @param members all of them, the original kernel first
 */
public record KernelTable(
    long dispatcher, OptionalLong loads, String running, String happened, List<Member> members) {
  /** What the original kernel is called. */
  public static final String ORIGINAL = "original";

  private static final String VERSION = "1";

  /** How a kernel stands. */
  public enum State {
    /** It is loaded, and has still to start. */
    COLD,
    /** It runs. */
    RUNNING,
    /** It has left, and goes on when it is entered again. */
    SLEEPING,
    /** It has panicked, or went back without a way into it. Its memory is still taken. */
    GONE;

    private String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    private static State of(String word) {
      for (State state : values()) {
        if (state.word().equals(word)) {
          return state;
        }
      }
      throw new IllegalArgumentException("no state of a kernel: " + word);
    }
  }

  /**
   * A kernel.
   *
   * @param name lower-case letters and digits
   * @param state how it stands
   * @param cold the physical address at which it starts; 0 for the original kernel
   * @param entry the physical address at which it is entered: that of a start, or where it goes on;
   *     0 for the original kernel, which goes on at its jump back entry
   * @param region the memory in which it lives; empty for the original kernel, which has all of it
   * @param since when it came into this state, milliseconds since 1970
   * @param uses which disks it has mounted or otherwise in use; nothing that it watches
   */
  public record Member(
      String name,
      State state,
      long cold,
      long entry,
      PageRange region,
      long since,
      List<DiskUse> uses) {
    /** Copies the list. */
    public Member {
      uses = List.copyOf(uses);
    }

    /** Whether something would be lost with it. */
    public boolean isAlive() {
      return state == State.RUNNING || state == State.SLEEPING;
    }

    Member in(State next, long now) {
      return new Member(name, next, cold, entry, region, now, uses);
    }

    Member leaving(long reentry, List<DiskUse> used, long now) {
      return new Member(name, State.SLEEPING, cold, reentry, region, now, used);
    }

    Member gone(long now) {
      return new Member(name, State.GONE, cold, 0, region, now, List.of());
    }
  }

  /**
   * Something that another kernel has in use.
   *
   * @param use what
   * @param owner the kernel's name
   */
  public record Held(DiskUse use, String owner) {}

  /** Copies the list. */
  public KernelTable {
    members = List.copyOf(members);
  }

  /** The table of kernels that are loaded and have still to start. */
  public static KernelTable loaded(
      long dispatcher, OptionalLong loads, List<Member> others, long now) {
    List<Member> members = new ArrayList<>();
    members.add(new Member(ORIGINAL, State.RUNNING, 0, 0, new PageRange(0, 0), now, List.of()));
    members.addAll(others);
    return new KernelTable(dispatcher, loads, ORIGINAL, "", members);
  }

  /** The kernel of that name. */
  public Optional<Member> find(String name) {
    return members.stream().filter(member -> member.name().equals(name)).findFirst();
  }

  /** All but the original kernel. */
  public List<Member> others() {
    return members.stream().filter(member -> !member.name().equals(ORIGINAL)).toList();
  }

  /** Those that would be lost with the table. */
  public List<Member> alive() {
    return others().stream().filter(Member::isAlive).toList();
  }

  /** The number by which a kernel is known to who can only write a word; above 0. */
  public long number(String name) {
    return IntStream.range(0, members.size())
            .filter(i -> members.get(i).name().equals(name))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no such kernel: " + name))
        + 1L;
  }

  /** What all but {@code name} have in use. */
  public List<Held> heldByOthers(String name) {
    return members.stream()
        .filter(member -> !member.name().equals(name))
        .flatMap(member -> member.uses().stream().map(use -> new Held(use, member.name())))
        .toList();
  }

  /**
   * The running kernel leaves for another one.
   *
   * @param to a kernel that is cold or sleeps
   * @param reentry where the running kernel is entered again; 0 for the original one
   * @param uses what the running kernel has in use
   */
  public KernelTable leave(String to, long reentry, List<DiskUse> uses, long now) {
    return changed(running, member -> member.leaving(reentry, uses, now))
        .changed(to, member -> member.in(State.RUNNING, now))
        .with(to, "");
  }

  /** The original kernel runs again, and another one has said that it went there. */
  public KernelTable asOriginalFound(long panicked, long now) {
    if (panicked > 0 && panicked <= members.size()) {
      String name = members.get((int) panicked - 1).name();
      return settled(now).lost(name, "the kernel " + name + " panicked", now);
    }
    if (running.equals(ORIGINAL)) {
      return this;
    }
    return settled(now)
        .lost(running, "the kernel " + running + " came back without a way into it", now);
  }

  /** Who was said to run, but the original kernel, has not been entered: it is as it was. */
  private KernelTable settled(long now) {
    List<Member> next = new ArrayList<>();
    for (Member member : members) {
      if (member.name().equals(ORIGINAL)) {
        next.add(member.in(State.RUNNING, now));
      } else if (member.state() == State.RUNNING) {
        next.add(member.in(member.entry() == member.cold() ? State.COLD : State.SLEEPING, now));
      } else {
        next.add(member);
      }
    }
    return new KernelTable(dispatcher, loads, ORIGINAL, happened, next);
  }

  private KernelTable lost(String name, String why, long now) {
    return changed(name, member -> member.gone(now)).with(ORIGINAL, why);
  }

  private KernelTable with(String nextRunning, String nextHappened) {
    return new KernelTable(dispatcher, loads, nextRunning, nextHappened, members);
  }

  private KernelTable changed(String name, UnaryOperator<Member> change) {
    return new KernelTable(
        dispatcher,
        loads,
        running,
        happened,
        members.stream()
            .map(member -> member.name().equals(name) ? change.apply(member) : member)
            .toList());
  }

  /** The same as lines. */
  public KeyValues lines() {
    KeyValues lines =
        KeyValues.empty()
            .with("version", VERSION)
            .withAddress("dispatcher", dispatcher)
            .with("running", running)
            .with("happened", happened);
    if (loads.isPresent()) {
      lines = lines.with("kexec_loads_left", loads.getAsLong());
    }
    for (Member member : members) {
      String key = "kernel." + member.name() + ".";
      lines =
          lines
              .with("kernel", member.name())
              .with(key + "state", member.state().word())
              .withAddress(key + "cold", member.cold())
              .withAddress(key + "entry", member.entry())
              .with(key + "region_start", member.region().start())
              .with(key + "region_end", member.region().end())
              .with(key + "since", member.since());
      for (DiskUse use : member.uses()) {
        lines = lines.with(key + "uses", use.text());
      }
    }
    return lines;
  }

  /**
   * Reads them back.
   *
   * @throws IllegalArgumentException if a line is missing or makes no sense
   */
  public static KernelTable of(KeyValues lines) {
    if (!lines.text("version").equals(VERSION)) {
      throw new IllegalArgumentException("a switch table of version " + lines.text("version"));
    }
    return new KernelTable(
        lines.number("dispatcher"),
        lines.find("kexec_loads_left").isPresent()
            ? OptionalLong.of(lines.number("kexec_loads_left"))
            : OptionalLong.empty(),
        lines.text("running"),
        lines.text("happened"),
        lines.all("kernel").stream().map(name -> member(lines, name)).toList());
  }

  private static Member member(KeyValues lines, String name) {
    String key = "kernel." + name + ".";
    return new Member(
        name,
        State.of(lines.text(key + "state")),
        lines.number(key + "cold"),
        lines.number(key + "entry"),
        new PageRange(lines.number(key + "region_start"), lines.number(key + "region_end")),
        lines.number(key + "since"),
        lines.all(key + "uses").stream().map(DiskUse::parse).toList());
  }
}
