package org.dormouse.physical;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.dormouse.boot.BareProgram;
import org.dormouse.boot.CallRecord;
import org.dormouse.boot.PagingMode;
import org.dormouse.boot.ProcessorMode;
import org.dormouse.boot.Register;
import org.dormouse.kexec.CallLayout;
import org.dormouse.kexec.CallPlaces;
import org.dormouse.kexec.CallRequest;
import org.dormouse.kexec.CallRequest.OutputLength;
import org.dormouse.kexec.CallRequest.Preset;
import org.dormouse.kexec.KexecPlanException;
import org.dormouse.linux.Kexec;
import org.dormouse.linux.LinuxException;
import org.dormouse.linux.Power;
import org.dormouse.machine.Finding;
import org.dormouse.machine.MachineFacts;
import org.dormouse.machine.Readiness;
import org.dormouse.memory.Pages;
import org.dormouse.protocol.KexecLoad;
import org.dormouse.sleep.JumpLock;
import org.dormouse.sleep.SaverState;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;

/**
 * In the running kernel: has a program run on the bare processor, alone, with all devices quiet,
 * and goes on with what it leaves. Needs root, and a kernel that can be jumped back to.
 *
 * <p>Nothing is changed by a program that keeps to itself: what lay where it runs is swapped out
 * and back. In 64-bit mode it cannot write elsewhere by mistake; in the others it can.
 *
 * @param program what runs
 * @param input what it is given: native memory, perhaps of length 0
 * @param capacity the most bytes of output that it may leave
 * @param length how long the output is
 * @param registers what it finds in some registers, instead of what the convention says
 * @param limit how long it may take; it is ended then. Rounded up to a twentieth of a second
 */
public record PhysicalCall(
    BareProgram program,
    MemorySegment input,
    long capacity,
    OutputLength length,
    List<Preset> registers,
    Optional<Duration> limit) {
  private static final String UNTOUCHED = "Nothing was changed; the machine goes on.";
  private static final String GOES_ON = "Nothing is loaded; the machine goes on.";

  /** The 8254 counts 65536 of its 1193182 periods in a second for each tick. */
  private static final double TICKS_PER_SECOND = 1193182.0 / 65536;

  /** The longest limit: a day. Nobody waits longer for a machine that stands still. */
  private static final Duration LONGEST = Duration.ofDays(1);

  /** Copies the list. */
  public PhysicalCall {
    registers = List.copyOf(registers);
  }

  /** A call without input, output or limit. */
  public static PhysicalCall of(BareProgram program) {
    return new PhysicalCall(
        program, MemorySegment.NULL, 0, OutputLength.AS_TOLD, List.of(), Optional.empty());
  }

  /** The same with an input; the bytes are copied. */
  public PhysicalCall withInput(byte[] bytes) {
    MemorySegment copy = Arena.ofAuto().allocate(Math.max(1, bytes.length), Pages.SIZE);
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, copy, 0, bytes.length);
    return withInput(copy.asSlice(0, bytes.length));
  }

  /** The same with an input, which must stay alive; native memory. */
  public PhysicalCall withInput(MemorySegment memory) {
    return new PhysicalCall(program, memory, capacity, length, registers, limit);
  }

  /**
   * The same with room for an output of so many bytes, of which the program says how many it is.
   */
  public PhysicalCall withOutput(long bytes) {
    return new PhysicalCall(program, input, bytes, OutputLength.AS_TOLD, registers, limit);
  }

  /** The same with an output of so many bytes, whatever the program says. */
  public PhysicalCall withWholeOutput(long bytes) {
    return new PhysicalCall(program, input, bytes, OutputLength.ALL, registers, limit);
  }

  /** The same with these registers. */
  public PhysicalCall withRegisters(List<Preset> presets) {
    return new PhysicalCall(program, input, capacity, length, presets, limit);
  }

  /** The same with a limit, more than 0. */
  public PhysicalCall withLimit(Duration most) {
    return new PhysicalCall(program, input, capacity, length, registers, Optional.of(most));
  }

  /** What became of the program. */
  public sealed interface Outcome {
    /** It returned. Its exit value is in AX. */
    record Returned(CallRecord record, MemorySegment output) implements Outcome {}

    /** An exception ended it. */
    record Faulted(CallRecord record) implements Outcome {}

    /** It took longer than it may. */
    record TimedOut(CallRecord record) implements Outcome {}

    /** Which registers it left, and more. */
    CallRecord record();
  }

  /**
   * The plan in lines for people. Changes nothing.
   *
   * @throws ReportException if this machine cannot do it
   */
  public List<String> dryRun() throws IOException {
    MachineFacts machine = check();
    try (ResultMemory results = results()) {
      return plan(machine, results).describe();
    }
  }

  /**
   * Runs the program.
   *
   * @return what became of it
   * @throws ReportException if this machine cannot do it, or it did not come to it; nothing is
   *     loaded then
   */
  public Outcome run() throws IOException {
    try (JumpLock _ = JumpLock.take()) {
      return call();
    }
  }

  private Outcome call() throws IOException {
    MachineFacts machine = check();
    try (ResultMemory results = results()) {
      CallLayout layout = plan(machine, results);
      load(layout);
      try {
        results.prepare();
        Power.sync();
        Kexec.execute();
      } catch (LinuxException e) {
        throw new ReportException(
            new Report(
                "the kernel did not jump: " + e.getMessage(),
                GOES_ON,
                "The kernel's log (dmesg) names the device or process that did not want to stop."),
            e);
      } finally {
        Kexec.unload();
      }
      return outcome(results);
    }
  }

  private MachineFacts check() throws IOException {
    SaverState state = SaverState.observe();
    if (state instanceof SaverState.Warm) {
      throw new ReportException(
          "a saver is warm, and would be lost: only one thing can be loaded for a jump",
          UNTOUCHED,
          "Give it up before: dormouse disarm. 'dormouse arm' makes another one.");
    }
    MachineFacts machine = MachineFacts.observe(state.kind());
    for (Finding finding : Readiness.forJump(machine)) {
      if (finding.verdict() == Finding.Verdict.BAD) {
        throw new ReportException(
            finding.name() + ": " + finding.seen(), UNTOUCHED, finding.remedy());
      }
    }
    return machine;
  }

  private ResultMemory results() throws IOException {
    return ResultMemory.apartFrom(program, capacity);
  }

  private CallLayout plan(MachineFacts machine, ResultMemory results) throws IOException {
    CallRequest request =
        new CallRequest(
            new CallRequest.Machine(
                machine.ioMemory().map(),
                Pages.pfn(machine.memory().total()),
                machine.processor().fiveLevelPaging()
                    ? PagingMode.FIVE_LEVEL
                    : PagingMode.FOUR_LEVEL,
                machine.ioMemory().hpet()),
            program,
            new CallRequest.Data(input, results.frames(), results.token(), capacity, length),
            registers,
            ticks());
    try {
      CallPlaces places = PlaceSearch.find(request);
      return CallLayout.plan(request, places);
    } catch (KexecPlanException e) {
      throw new ReportException(
          new Report(
              "the program cannot be loaded: " + e.getMessage(),
              UNTOUCHED,
              "Make it fit; docs/physical-mode.md says where programs may lie."),
          e);
    }
  }

  private long ticks() throws ReportException {
    if (limit.isEmpty()) {
      return 0;
    }
    Duration most = limit.get();
    if (!most.isPositive() || most.compareTo(LONGEST) > 0) {
      throw new ReportException(
          "no time limit of " + most.toSeconds() + " seconds",
          UNTOUCHED,
          "Name one of a day at most, and more than nothing.");
    }
    // The first one comes at once.
    return 1 + (long) Math.ceil(most.toMillis() / 1e3 * TICKS_PER_SECOND);
  }

  private static void load(CallLayout layout) throws IOException {
    try {
      KexecLoad.of(layout.image());
    } catch (LinuxException e) {
      throw new ReportException(
          new Report(
              "the program could not be loaded: " + e.getMessage(),
              GOES_ON,
              "Free some memory and try again."),
          e);
    }
  }

  private Outcome outcome(ResultMemory results) throws IOException {
    CallRecord record = results.record();
    return switch (record.end()) {
      case RETURNED -> new Outcome.Returned(record, results.output(outputBytes(record)));
      case FAULTED -> new Outcome.Faulted(record);
      case TIMED_OUT -> new Outcome.TimedOut(record);
      case UNKNOWN ->
          throw new ReportException(
              "the program has run, and its results are lost: the kernel has moved the memory for"
                  + " them at the last moment",
              GOES_ON,
              "Try again.");
    };
  }

  private long outputBytes(CallRecord record) throws ReportException {
    // Without room for it there is no output, whatever the program says.
    if (length == OutputLength.ALL || capacity == 0) {
      return capacity;
    }
    long told = record.registers().get(Register.DX);
    long bytes = program.mode() == ProcessorMode.LONG ? told : told & 0xffffffffL;
    if (Long.compareUnsigned(bytes, capacity) > 0) {
      throw new ReportException(
          String.format(
              "the program says that its output has %s bytes, and there is room for %d",
              Long.toUnsignedString(bytes), capacity),
          "The program has run; its output is lost. " + GOES_ON,
          "Give it more room, or have it say 0 in DX if it has none.");
    }
    return bytes;
  }
}
