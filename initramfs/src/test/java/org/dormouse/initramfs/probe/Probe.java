package org.dormouse.initramfs.probe;

import io.airlift.compress.v3.Compressor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Stands in for the agent: touches what costs the agent its time at start-up, and says when it was
 * done, in seconds since the kernel started.
 */
public final class Probe {
  // arch/x86/entry/syscalls/syscall_64.tbl
  private static final long GETPPID = 110;

  private Probe() {}

  public static void main(String[] arguments) throws Throwable {
    report("first line of Java");
    report("system call: parent is " + parent());
    report("codecs: " + Compressor.class.getSimpleName());
    report("LZ4: " + Long.toHexString(number("lz4", "LZ4_versionNumber")));
    report("XXH: " + Long.toHexString(number("xxhash", "XXH_versionNumber")));
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      lines.filter(line -> line.matches("(VmHWM|RssAnon|RssFile):.*")).forEach(Probe::print);
    }
    try (var lines = Files.lines(Path.of("/proc/meminfo"))) {
      lines
          .filter(line -> line.matches("(MemTotal|MemFree|MemAvailable):.*"))
          .forEach(Probe::print);
    }
  }

  private static long parent() throws Throwable {
    Linker linker = Linker.nativeLinker();
    ValueLayout.OfLong word = ValueLayout.JAVA_LONG;
    MethodHandle syscall =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("syscall"),
            FunctionDescriptor.of(word, word, word, word, word, word, word, word),
            Linker.Option.captureCallState("errno"));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
      return (long) syscall.invokeExact(state, GETPPID, 0L, 0L, 0L, 0L, 0L, 0L);
    }
  }

  /** Calls a function without arguments of a library that the runtime carries. */
  private static long number(String library, String function) throws Throwable {
    Path file = Path.of(System.getProperty("java.home"), "lib", System.mapLibraryName(library));
    MethodHandle call =
        Linker.nativeLinker()
            .downcallHandle(
                SymbolLookup.libraryLookup(file, Arena.global()).findOrThrow(function),
                FunctionDescriptor.of(ValueLayout.JAVA_INT));
    return (int) call.invokeExact();
  }

  private static void report(String what) throws IOException {
    String uptime = Files.readString(Path.of("/proc/uptime"));
    print(uptime.substring(0, uptime.indexOf(' ')) + " s: " + what);
  }

  private static void print(String line) {
    System.out.println("probe: " + line);
  }
}
