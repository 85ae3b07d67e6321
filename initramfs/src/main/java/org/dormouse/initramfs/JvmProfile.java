package org.dormouse.initramfs;

import java.util.List;
import java.util.stream.Stream;

/**
 * How the JVM is set up for a program. This is the one place for JVM flags; launchers are generated
 * from it.
 */
public enum JvmProfile {
  /**
   * For a program that runs in the saver kernel, where every MiB counts and nothing runs for long.
   */
  SAVER(
      List.of(
          "-Xms4m",
          "-Xmx32m",
          // What the passphrase of a sealed image took is given back at once, not in four steps.
          "-XX:-ShrinkHeapInSteps",
          "-XX:MinHeapFreeRatio=10",
          "-XX:MaxHeapFreeRatio=20",
          "-Xss512k",
          "-XX:ReservedCodeCacheSize=16m",
          "-XX:CICompilerCount=1",
          "-XX:+ExitOnOutOfMemoryError",
          // The console is all that is left of a crash.
          "-XX:+ErrorFileToStderr",
          "-XX:-CreateCoredumpOnCrash")),
  /** For a program that runs on a system with ordinary memory. */
  COMMAND(List.of("-Xms8m", "-Xmx256m", "-Xss512k", "-XX:ReservedCodeCacheSize=24m"));

  // Serial GC and C1 start fastest and need the least memory. Stack traces stay: an error on a
  // console is all that is left of a failed save.
  private static final List<String> ALWAYS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          // Most of what runs hot during start-up never does again. Compiling it costs a third of
          // the
          // start-up; a loop that matters gets compiled a moment later.
          "-XX:CompileThresholdScaling=10",
          "-XX:-UsePerfData",
          // Without relocation the AOT cache is mapped where it was made for. Relocated, each of
          // its
          // pages is patched, so copied: 10 MB, and seconds in an emulated machine.
          "-XX:+UnlockDiagnosticVMOptions",
          "-XX:ArchiveRelocationMode=0",
          // No machine code in the AOT cache: it is made for the CPU that it was made on, and a
          // smaller one dies of it. Nor what the training run learned of hot methods: compiling
          // those at once costs more than it brings.
          "-XX:-AOTAdapterCaching",
          "-XX:-AOTStubCaching",
          "-XX:-AOTRecordTraining",
          "-XX:-AOTReplayTraining",
          "-Xlog:disable",
          "-Xlog:all=warning:stderr",
          "--enable-native-access=ALL-UNNAMED");

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<String> own;

  JvmProfile(List<String> own) {
    this.own = own;
  }

  /** The flags, without the AOT cache and the class path. */
  public List<String> flags() {
    return Stream.concat(ALWAYS.stream(), own.stream()).toList();
  }
}
