package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.dormouse.boot.BareProgram;
import org.dormouse.boot.BootFormatException;
import org.dormouse.boot.ElfExecutable;
import org.dormouse.boot.ProcessorMode;
import org.dormouse.physical.PhysicalCall;
import org.dormouse.text.Report;
import org.dormouse.text.ReportException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a program on the bare processor. */
@Command(
    name = "call",
    description = {
      "Runs a program on the bare processor, alone, with paging out of the way, and comes back to the"
          + " running system with what it leaves. docs/physical-mode.md says how to write one.",
      "Exit code 0 if the program returned 0; 1 if it returned something else, or did not return."
    },
    mixinStandardHelpOptions = true)
final class CallCommand implements Callable<Integer> {
  private static final String UNTOUCHED = "Nothing was changed; the machine goes on.";
  private static final long MOST_PROGRAM_BYTES = 1L << 30;
  private static final long USUAL_OUTPUT = 64 << 10;
  private static final long REAL_OUTPUT = 16 << 10;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "PROGRAM",
      description = "A static ELF executable, or a flat file of machine code.")
  private Path file = Path.of("");

  @Option(
      names = "--mode",
      paramLabel = "BITS",
      description =
          "64: long mode, memory mapped to itself; 32: protected mode, no paging; 16: real mode"
              + " (default: what an ELF file is for; 64 for a flat one).")
  private Optional<Integer> bits = Optional.empty();

  @Option(
      names = "--entry",
      paramLabel = "WHERE",
      converter = WholeNumber.class,
      description =
          "Where it is entered: in an ELF file an address, in a flat one so many bytes after its"
              + " start (default: what the ELF file says; 0). 0x… is hexadecimal.")
  private Optional<Long> entry = Optional.empty();

  @Option(names = "--in", paramLabel = "FILE", description = "What the program is given.")
  private Optional<Path> input = Optional.empty();

  @Option(names = "--out", paramLabel = "FILE", description = "Where its output goes.")
  private Optional<Path> output = Optional.empty();

  @Option(
      names = "--out-size",
      paramLabel = "BYTES",
      converter = WholeNumber.class,
      description =
          "The most bytes of output, e.g. 200, 0x200 or 16K (default: 64K with --out, 16K in real mode; else"
              + " nothing).")
  private Optional<Long> outputSize = Optional.empty();

  @Mixin private LimitOption limit;

  @Mixin private DryRunOption dryRun;

  @Mixin private Answer answer;

  @Override
  public Integer call() throws IOException {
    BareProgram program = program();
    PhysicalCall call = limit.on(PhysicalCall.of(program).withOutput(capacity(program.mode())));
    if (input.isPresent()) {
      call = call.withInput(Files.readAllBytes(input.get()));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (dryRun.isWanted()) {
      call.dryRun().forEach(out::println);
      return ExitCode.OK;
    }
    if (output.isPresent()) {
      // Better now than when the result is there.
      Files.write(output.get(), new byte[0]);
    }
    return new CallAnswer(program.mode(), call.run()).print(answer, output);
  }

  private BareProgram program() throws IOException {
    if (Files.size(file) > MOST_PROGRAM_BYTES) {
      throw new ReportException(
          file + " is over 1 GiB: that is no program", UNTOUCHED, "Name another file.");
    }
    byte[] bytes = Files.readAllBytes(file);
    try {
      BareProgram program =
          ElfExecutable.isElf(bytes)
              ? ElfExecutable.read(bytes, entry.map(OptionalLong::of).orElse(OptionalLong.empty()))
              : new BareProgram.Flat(
                  ProcessorMode.ofBits(bits.orElse(64)),
                  MemorySegment.ofArray(bytes),
                  entry.orElse(0L));
      if (bits.isPresent() && bits.get() != program.mode().bits()) {
        throw new ReportException(
            file + " is an ELF file of " + program.mode().bits() + " bits, not of " + bits.get(),
            UNTOUCHED,
            "Leave --mode out, or make a flat file: objcopy -O binary.");
      }
      return program;
    } catch (BootFormatException | IllegalArgumentException e) {
      throw new ReportException(
          new Report(
              file + " cannot be run: " + e.getMessage(),
              UNTOUCHED,
              "docs/physical-mode.md says what a program has to be."));
    }
  }

  private long capacity(ProcessorMode mode) {
    long usual = mode == ProcessorMode.REAL ? REAL_OUTPUT : USUAL_OUTPUT;
    return outputSize.orElse(output.isPresent() ? usual : 0);
  }
}
