package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.dormouse.boot.ProcessorMode;
import org.dormouse.boot.Register;
import org.dormouse.boot.Registers;
import org.dormouse.kexec.CallRequest.Preset;
import org.dormouse.physical.BiosCall;
import org.dormouse.physical.PhysicalCall.Outcome;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Calls an interrupt of the BIOS. */
@Command(
    name = "call",
    description = {
      "Calls an interrupt of the BIOS and prints the registers as it leaves them. All numbers are"
          + " hexadecimal; what is not named is 0.",
      "Exit code 0 if it came back with the carry flag clear, 1 if not."
    },
    mixinStandardHelpOptions = true)
final class BiosCallCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--int",
      required = true,
      paramLabel = "NUMBER",
      converter = HexNumber.class,
      description = "The interrupt, e.g. 10 for video services.")
  private long interrupt;

  @Option(names = "--ax", paramLabel = "HEX", converter = HexNumber.class, description = "EAX.")
  private Optional<Long> ax = Optional.empty();

  @Option(names = "--bx", paramLabel = "HEX", converter = HexNumber.class, description = "EBX.")
  private Optional<Long> bx = Optional.empty();

  @Option(names = "--cx", paramLabel = "HEX", converter = HexNumber.class, description = "ECX.")
  private Optional<Long> cx = Optional.empty();

  @Option(names = "--dx", paramLabel = "HEX", converter = HexNumber.class, description = "EDX.")
  private Optional<Long> dx = Optional.empty();

  @Option(names = "--si", paramLabel = "HEX", converter = HexNumber.class, description = "ESI.")
  private Optional<Long> si = Optional.empty();

  @Option(names = "--di", paramLabel = "HEX", converter = HexNumber.class, description = "EDI.")
  private Optional<Long> di = Optional.empty();

  @Option(names = "--bp", paramLabel = "HEX", converter = HexNumber.class, description = "EBP.")
  private Optional<Long> bp = Optional.empty();

  @Option(names = "--ds", paramLabel = "HEX", converter = HexNumber.class, description = "DS.")
  private Optional<Long> ds = Optional.empty();

  @Option(names = "--es", paramLabel = "HEX", converter = HexNumber.class, description = "ES.")
  private Optional<Long> es = Optional.empty();

  @Option(
      names = "--buffer",
      paramLabel = "HEX",
      converter = HexNumber.class,
      description = "ES:DI points at so many bytes of memory, zeros, which are printed afterwards.")
  private Optional<Long> buffer = Optional.empty();

  @Mixin private LimitOption limit;

  @Mixin private DryRunOption dryRun;

  @Mixin private Answer answer;

  @Override
  public Integer call() throws IOException {
    BiosCall call = biosCall();
    if (dryRun.isWanted()) {
      call.dryRun().forEach(spec.commandLine().getOut()::println);
      return ExitCode.OK;
    }
    Outcome outcome = call.run();
    CallAnswer told = new CallAnswer(ProcessorMode.REAL, outcome);
    if (!(outcome instanceof Outcome.Returned(var record, MemorySegment output))) {
      return told.print(answer, Optional.empty());
    }
    Registers registers = record.registers();
    List<Register> shown = CallAnswer.leftBy(ProcessorMode.REAL);
    byte[] bytes = output.toArray(ValueLayout.JAVA_BYTE);
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("carry", registers.carry());
    figures.put("registers", told.registers(shown, registers));
    figures.put("buffer", HexFormat.of().formatHex(bytes));
    answer.print(
        figures,
        out -> {
          told.printRegisters(out, shown, registers);
          printCarry(out, registers);
          printHex(out, bytes);
        });
    return registers.carry() ? ExitCode.NO : ExitCode.OK;
  }

  private BiosCall biosCall() {
    if (interrupt > 0xff) {
      throw new ParameterException(spec.commandLine(), "there are interrupts 0 to ff");
    }
    if (buffer.isPresent() && (di.isPresent() || es.isPresent())) {
      throw new ParameterException(
          spec.commandLine(), "--buffer says where ES:DI points; leave --es and --di out");
    }
    BiosCall call =
        buffer
            .map(bytes -> BiosCall.withBuffer((int) interrupt, presets(), bytes))
            .orElseGet(() -> BiosCall.of((int) interrupt, presets()));
    return new BiosCall(call.interrupt(), limit.on(call.call()));
  }

  private List<Preset> presets() {
    List<Preset> presets = new ArrayList<>();
    ax.ifPresent(value -> presets.add(new Preset(Register.AX, value)));
    bx.ifPresent(value -> presets.add(new Preset(Register.BX, value)));
    cx.ifPresent(value -> presets.add(new Preset(Register.CX, value)));
    dx.ifPresent(value -> presets.add(new Preset(Register.DX, value)));
    si.ifPresent(value -> presets.add(new Preset(Register.SI, value)));
    di.ifPresent(value -> presets.add(new Preset(Register.DI, value)));
    bp.ifPresent(value -> presets.add(new Preset(Register.BP, value)));
    ds.ifPresent(value -> presets.add(new Preset(Register.DS, value)));
    es.ifPresent(value -> presets.add(new Preset(Register.ES, value)));
    return presets;
  }

  private static void printCarry(PrintWriter out, Registers registers) {
    out.printf(
        registers.carry()
            ? "carry flag set: the BIOS says that it was not done; AH=%02x is often the reason%n"
            : "carry flag clear: the BIOS has not said that it failed; AH=%02x%n",
        registers.word(Register.AX) >>> 8);
  }

  /** In lines of 16 bytes. */
  private static void printHex(PrintWriter out, byte[] bytes) {
    HexFormat spaced = HexFormat.ofDelimiter(" ");
    for (int at = 0; at < bytes.length; at += 16) {
      int end = Math.min(bytes.length, at + 16);
      StringBuilder text = new StringBuilder();
      for (int i = at; i < end; i++) {
        text.append(bytes[i] >= ' ' && bytes[i] <= '~' ? (char) bytes[i] : '.');
      }
      out.printf("%04x  %-47s  %s%n", at, spaced.formatHex(bytes, at, end), text);
    }
  }
}
