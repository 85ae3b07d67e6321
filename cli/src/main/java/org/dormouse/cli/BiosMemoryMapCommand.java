package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.dormouse.linux.FirmwareMemoryMap;
import org.dormouse.physical.BiosCall;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Asks the BIOS for the memory map. */
@Command(
    name = "memory-map",
    description = {
      "Asks the BIOS for the memory map (INT 15h, AX=E820h) and compares it with the one that the"
          + " kernel was given at its start.",
      "Exit code 0 if they are the same, 1 if they are not."
    },
    mixinStandardHelpOptions = true)
final class BiosMemoryMapCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private DryRunOption dryRun;

  @Mixin private Answer answer;

  @Override
  public Integer call() throws IOException {
    if (dryRun.isWanted()) {
      BiosCall.dryMemoryMap().forEach(spec.commandLine().getOut()::println);
      return ExitCode.OK;
    }
    FirmwareMemoryMap atStart = FirmwareMemoryMap.read();
    FirmwareMemoryMap map = BiosCall.memoryMap();
    answer.print(figures(map, atStart), out -> print(out, map, atStart));
    return map.equals(atStart) ? ExitCode.OK : ExitCode.NO;
  }

  private static Map<String, Object> figures(FirmwareMemoryMap map, FirmwareMemoryMap atStart) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("same", map.equals(atStart));
    figures.put("entries", entries(map));
    figures.put("entries_at_start", entries(atStart));
    return figures;
  }

  private static List<Map<String, Object>> entries(FirmwareMemoryMap map) {
    return map.entries().stream()
        .map(
            entry -> {
              Map<String, Object> figures = new LinkedHashMap<>();
              figures.put("start_address", entry.start());
              figures.put("end_address", entry.end());
              figures.put("type", entry.type());
              return figures;
            })
        .toList();
  }

  private static void print(PrintWriter out, FirmwareMemoryMap map, FirmwareMemoryMap atStart) {
    map.entries().forEach(entry -> line(out, "", entry));
    if (map.equals(atStart)) {
      out.println("the kernel was given the same at its start");
    } else if (atStart.entries().isEmpty()) {
      out.println("what the kernel was given at its start is not known: it lacks FIRMWARE_MEMMAP");
    } else {
      out.println("the kernel was given something else at its start:");
      map.entries().stream()
          .filter(entry -> !atStart.entries().contains(entry))
          .forEach(entry -> line(out, "BIOS   ", entry));
      atStart.entries().stream()
          .filter(entry -> !map.entries().contains(entry))
          .forEach(entry -> line(out, "kernel ", entry));
    }
  }

  private static void line(PrintWriter out, String prefix, FirmwareMemoryMap.Entry entry) {
    out.printf("%s[0x%012x-0x%012x] %s%n", prefix, entry.start(), entry.end() - 1, entry.type());
  }
}
