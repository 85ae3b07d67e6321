package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dormouse.boot.ProcessorMode;
import org.dormouse.boot.Register;
import org.dormouse.boot.Registers;
import org.dormouse.physical.PhysicalCall.Outcome;

/**
 * What became of a program that ran on the bare processor, as it is told.
 *
 * @param mode the program's
 * @param outcome what became of it
 */
record CallAnswer(ProcessorMode mode, Outcome outcome) {
  /**
   * Prints it, and writes the output, if there is one and a file for it.
   *
   * @return the exit code
   */
  int print(Answer answer, Optional<Path> file) throws IOException {
    if (outcome instanceof Outcome.Returned(_, MemorySegment output) && file.isPresent()) {
      try (FileChannel channel =
          FileChannel.open(
              file.get(),
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        var bytes = output.asByteBuffer();
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
    }
    answer.print(figures(), this::print);
    return outcome instanceof Outcome.Returned && exitValue() == 0 ? ExitCode.OK : ExitCode.NO;
  }

  private long exitValue() {
    long value = outcome.record().registers().get(Register.AX);
    return mode == ProcessorMode.LONG ? value : value & (1L << mode.bits()) - 1;
  }

  private Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("end", outcome.record().end());
    switch (outcome) {
      case Outcome.Returned(_, MemorySegment output) -> {
        figures.put("exit_value", exitValue());
        figures.put("output_bytes", output.byteSize());
      }
      case Outcome.Faulted(var record) -> {
        figures.put("vector", record.vector());
        figures.put("error_code", record.errorCode());
        if (record.vector() == ProcessorException.PAGE_FAULT.vector()) {
          figures.put("fault_address", record.faultAddress());
        }
      }
      case Outcome.TimedOut _ -> {}
    }
    figures.put("registers", registers(shown(), outcome.record().registers()));
    return figures;
  }

  /** Who has returned is nowhere any more. */
  private List<Register> shown() {
    return outcome instanceof Outcome.Returned ? leftBy(mode) : inMode(mode);
  }

  /** In which registers a program that has returned has left something. */
  static List<Register> leftBy(ProcessorMode mode) {
    return inMode(mode).stream()
        .filter(register -> register != Register.IP && register != Register.CS)
        .toList();
  }

  private static List<Register> inMode(ProcessorMode mode) {
    return Stream.of(Register.values()).filter(register -> register.isIn(mode)).toList();
  }

  /** As members of a JSON object: hexadecimal texts, as numbers of 64 bits are not safe there. */
  Map<String, Object> registers(List<Register> shown, Registers registers) {
    Map<String, Object> figures = new LinkedHashMap<>();
    for (Register register : shown) {
      figures.put(register.name(mode), String.format("0x%x", registers.get(register)));
    }
    return figures;
  }

  private void print(PrintWriter out) {
    switch (outcome) {
      case Outcome.Returned(_, MemorySegment output) ->
          out.printf(
              "returned %d (0x%x), output %,d bytes%n",
              exitValue(), exitValue(), output.byteSize());
      case Outcome.Faulted(var record) ->
          out.println("ended by " + ProcessorException.describe(mode, record));
      case Outcome.TimedOut(var record) ->
          out.println("ended since it took too long, at " + ProcessorException.where(mode, record));
    }
    printRegisters(out, shown(), outcome.record().registers());
  }

  /** In lines of four. */
  void printRegisters(PrintWriter out, List<Register> shown, Registers registers) {
    String format = mode == ProcessorMode.LONG ? "%-6s %016x" : "%-6s %08x";
    for (int i = 0; i < shown.size(); i += 4) {
      out.println(
          shown.subList(i, Math.min(shown.size(), i + 4)).stream()
              .map(each -> String.format(format, each.name(mode), registers.get(each)))
              .collect(Collectors.joining("  ")));
    }
  }
}
