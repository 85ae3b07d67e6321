package org.dormouse.kernels;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.dormouse.kexec.KernelsLayout;
import org.dormouse.linux.CommandLine;
import org.dormouse.linux.Kexec;
import org.dormouse.linux.KexecLoadCounter;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.MemoryInfo;
import org.dormouse.linux.SharedMemory;
import org.dormouse.linux.Sysctl;
import org.dormouse.machine.DiskFacts;
import org.dormouse.machine.DiskUse;
import org.dormouse.machine.DisksInUse;
import org.dormouse.machine.MachineFacts;
import org.dormouse.mailbox.SwitchTable;
import org.dormouse.memory.PageRange;
import org.dormouse.memory.Pages;
import org.dormouse.protocol.Journal;
import org.dormouse.protocol.KernelTable;
import org.dormouse.protocol.KernelTable.Member;
import org.dormouse.protocol.KexecLoad;
import org.dormouse.protocol.LoadedKernels;
import org.dormouse.protocol.SaverWords;
import org.dormouse.protocol.SharedPages;
import org.dormouse.sleep.JumpLock;
import org.dormouse.sleep.Preflight;
import org.dormouse.sleep.SaverState;
import org.dormouse.text.Quantity;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/** In the original kernel: which other kernels there are. */
public final class Kernels {
  private static final String UNTOUCHED = "Nothing was changed; the machine goes on.";

  /** What must stay free beyond the regions while they are loaded, in bytes. */
  private static final long SLACK_BYTES = 24L << 20;

  private final Journal journal;
  private final Registry registry = Registry.running();

  /** Tells {@code journal} how it goes. */
  public Kernels(Journal journal) {
    this.journal = journal;
  }

  /**
   * Adds a kernel to those that will be loaded.
   *
   * @throws ReportException if it cannot be loaded, or others would be lost by it
   */
  public void add(Registration kernel) throws IOException {
    try (JumpLock _ = JumpLock.take()) {
      checked(kernel);
      unload();
      registry.put(kernel);
    }
  }

  /** What adding it would come to: the plan of all. Changes nothing. */
  public List<String> dryAdd(Registration kernel) throws IOException {
    return checked(kernel).describe();
  }

  private KernelsPlan checked(Registration kernel) throws IOException {
    kernel.check();
    List<Registration> all = with(kernel);
    refuseIfAlive("adding a kernel", List.of());
    checkRoot(kernel);
    return planFor(all);
  }

  /** Whether a kernel of that name was added. */
  public boolean has(String name) throws IOException {
    return registry.all().stream().anyMatch(each -> each.name().equals(name));
  }

  /** Whether they are loaded. */
  public boolean isLoaded() throws IOException {
    return LoadedKernels.find().isPresent();
  }

  private List<Registration> with(Registration kernel) throws IOException {
    refuseElsewhere("added");
    List<Registration> all = new ArrayList<>(registry.all());
    if (all.stream().anyMatch(each -> each.name().equals(kernel.name()))) {
      throw new ReportException(
          "there is a kernel " + kernel.name() + " already",
          UNTOUCHED,
          "Remove it first: dormouse kernel remove " + kernel.name());
    }
    all.add(kernel);
    return all;
  }

  /**
   * Removes kernels; the others are loaded anew when they are needed.
   *
   * @param names of them
   * @param loss whether those that sleep may be lost
   * @throws ReportException if others would be lost, or one that may not
   */
  public void remove(List<String> names, Loss loss) throws IOException {
    try (JumpLock _ = JumpLock.take()) {
      checkRemoval(names, loss);
      unload();
      for (String name : names) {
        registry.remove(name);
      }
    }
  }

  /**
   * The same for who only wants to know whether it can be done. Changes nothing.
   *
   * @throws ReportException if it cannot
   */
  public void dryRemove(List<String> names, Loss loss) throws IOException {
    checkRemoval(names, loss);
  }

  private void checkRemoval(List<String> names, Loss loss) throws IOException {
    refuseElsewhere("removed");
    for (String name : names) {
      if (!has(name)) {
        throw new ReportException(
            "there is no kernel " + name,
            UNTOUCHED,
            "'dormouse kernel list' tells which there are.");
      }
    }
    refuseIfAlive("removing", names);
    if (loss == Loss.REFUSED) {
      refuseIfAsleep(names);
    }
  }

  /** Whether a kernel that sleeps may be lost. */
  public enum Loss {
    REFUSED,
    ACCEPTED
  }

  /** The names of all that were added. */
  public List<String> names() throws IOException {
    return registry.all().stream().map(Registration::name).toList();
  }

  private void refuseIfAsleep(List<String> names) throws IOException {
    for (Member member : aliveMembers()) {
      if (names.contains(member.name())) {
        throw new ReportException(
            "the kernel " + member.name() + " sleeps, with " + KernelList.uses(member),
            UNTOUCHED,
            "Switch to it and end what it does, or lose it with --discard: that is like a power cut"
                + " for it.");
      }
    }
  }

  /** All kernels are one image: who unloads it, ends them all. */
  private void refuseIfAlive(String what, List<String> but) throws IOException {
    List<String> alive =
        aliveMembers().stream().map(Member::name).filter(name -> !but.contains(name)).toList();
    if (!alive.isEmpty()) {
      throw new ReportException(
          what + " would end " + String.join(" and ", alive) + ", for all are loaded as one",
          UNTOUCHED,
          "End what they do, then remove them together: dormouse kernel remove --discard "
              + String.join(" ", alive));
    }
  }

  private static List<Member> aliveMembers() throws IOException {
    return LoadedKernels.find().map(KernelTable::alive).orElse(List.of());
  }

  private static void refuseElsewhere(String verb) throws IOException {
    CommandLine own = CommandLine.running();
    if (SaverWords.switchTable(own).isPresent()) {
      throw new ReportException(
          "kernels are "
              + verb
              + " in the original kernel, and this is "
              + SaverWords.kernelName(own),
          UNTOUCHED,
          "Go there first: dormouse switch " + KernelTable.ORIGINAL);
    }
  }

  /** A root that is mounted here would be mounted there before anybody could keep it from that. */
  private static void checkRoot(Registration kernel) throws IOException {
    for (DiskUse use : DisksInUse.of(DiskFacts.observe())) {
      if (kernel.words().contains("root=/dev/" + use.disk().name())) {
        throw new ReportException(
            "the kernel " + kernel.name() + " would mount " + use.described() + ", too",
            UNTOUCHED,
            "Give it a root of its own.");
      }
    }
  }

  /** Also what is left of kernels that somebody else has unloaded. */
  private static void unload() throws IOException {
    if (LoadedKernels.find().isPresent()) {
      Kexec.unload();
    }
    SharedMemory.remove(SwitchTable.KEY);
    DiskHolds.update(List.of());
  }

  /**
   * Loads all kernels that were added, if they are not loaded.
   *
   * @throws ReportException if there are none, or they cannot be loaded
   */
  public void load() throws IOException {
    try (JumpLock _ = JumpLock.take()) {
      if (LoadedKernels.find().isEmpty()) {
        loadAll();
      }
    }
  }

  private void loadAll() throws IOException {
    List<Registration> kernels = registered();
    MachineFacts machine = checkMachine();
    try (KernelsPlanner planner = new KernelsPlanner(machine, kernels)) {
      List<PageRange> places = planner.places();
      makeRoom(places, machine);
      try (SharedMemory shared = SharedPages.outside(SwitchTable.KEY, SwitchTable.BYTES, places)) {
        long[] frames = shared.frames();
        KernelsPlan plan = planner.plan(places, Pages.address(frames[0]));
        journal.say("loading " + String.join(", ", names()));
        OptionalLong loads = load(plan);
        SwitchTable table = SwitchTable.in(shared.memory());
        table.format(frames);
        long now = System.currentTimeMillis();
        table.put(
            KernelTable.loaded(plan.layout().dispatcher(), loads, plan.members(now), now).lines());
      }
    }
  }

  private List<Registration> registered() throws IOException {
    List<Registration> kernels = registry.all();
    if (kernels.isEmpty()) {
      throw new ReportException(
          "there is no other kernel",
          UNTOUCHED,
          "Add one: dormouse kernel add NAME --kernel BZIMAGE, or use dormouse switch --shell");
    }
    return kernels;
  }

  /** What loading would come to. Changes nothing. */
  public List<String> dryLoad() throws IOException {
    Optional<KernelTable> loaded = LoadedKernels.find();
    return loaded.isPresent()
        ? List.of("they are loaded already")
        : planFor(registered()).describe();
  }

  private KernelsPlan planFor(List<Registration> kernels) throws IOException {
    MachineFacts machine =
        LoadedKernels.find().isPresent()
            ? MachineFacts.observe(MachineFacts.LoadedImage.KERNELS)
            : checkMachine();
    try (KernelsPlanner planner = new KernelsPlanner(machine, kernels)) {
      // Where the table will lie is not known yet; any address is as long.
      return planner.plan(planner.places(), Pages.address(1));
    }
  }

  private static MachineFacts checkMachine() throws IOException {
    SaverState state = SaverState.observe();
    if (state instanceof SaverState.Warm
        || state instanceof SaverState.Loaded
        || state instanceof SaverState.Spent) {
      throw new ReportException(
          "a saver is loaded, and Linux has one place for it and for other kernels",
          UNTOUCHED,
          "Unload it first: dormouse disarm");
    }
    return Preflight.check(state);
  }

  private void makeRoom(List<PageRange> places, MachineFacts machine) throws IOException {
    long needed =
        SLACK_BYTES
            + places.stream().mapToLong(PageRange::bytes).sum()
            + KernelsLayout.lowMemory(machine.ioMemory().map()).stream()
                .mapToLong(PageRange::bytes)
                .sum();
    if (MemoryInfo.read().free() < needed) {
      journal.say("dropping clean page cache to make room");
      Sysctl.dropCaches();
    }
    long free = MemoryInfo.read().free();
    if (free < needed) {
      throw new ReportException(
          String.format(
              "too little free memory for the kernels: they take %s, and %s are free",
              Quantity.bytes(needed), Quantity.bytes(free)),
          "Nothing is loaded; the machine goes on.",
          "End programs that use memory, or give a kernel less.");
    }
  }

  private static OptionalLong load(KernelsPlan plan) throws IOException {
    KexecLoadCounter.arm();
    try {
      KexecLoad.of(plan.layout().image());
      return KexecLoadCounter.read();
    } catch (LinuxException e) {
      Kexec.unload();
      throw new ReportException(
          new Report(
              "the kernels could not be loaded: " + e.getMessage(),
              "Nothing is loaded; the machine goes on.",
              "Free some memory and try again."),
          e);
    }
  }
}
