package org.dormouse.kernels;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.OptionalLong;
import org.dormouse.linux.CommandLine;
import org.dormouse.linux.SharedMemory;
import org.dormouse.mailbox.SwitchTable;
import org.dormouse.protocol.KernelTable;
import org.dormouse.protocol.LoadedKernels;
import org.dormouse.protocol.MappedFrames;
import org.dormouse.protocol.PanicLog;
import org.dormouse.protocol.SaverWords;

/** The switch table, as the kernel that runs reaches it. */
final class Switchboard implements AutoCloseable {
  private final String here;
  private final SwitchTable table;
  private final Optional<SharedMemory> memory;

  private Switchboard(String here, SwitchTable table, Optional<SharedMemory> memory) {
    this.here = here;
    this.table = table;
    this.memory = memory;
  }

  /**
   * Opens it.
   *
   * @return empty if this is the original kernel, and no others are loaded
   */
  static Optional<Switchboard> open() throws IOException {
    CommandLine own = CommandLine.running();
    OptionalLong address = SaverWords.switchTable(own);
    if (address.isPresent()) {
      SwitchTable table = SwitchTable.at(address.getAsLong(), new MappedFrames());
      return Optional.of(new Switchboard(SaverWords.kernelName(own), table, Optional.empty()));
    }
    if (LoadedKernels.find().isEmpty()) {
      return Optional.empty();
    }
    return SharedMemory.find(SwitchTable.KEY, SwitchTable.BYTES)
        .map(
            shared ->
                new Switchboard(
                    KernelTable.ORIGINAL, SwitchTable.in(shared.memory()), Optional.of(shared)));
  }

  /** What the kernel that runs is called. */
  String here() {
    return here;
  }

  /** Whether the original kernel runs. */
  boolean isOriginal() {
    return memory.isPresent();
  }

  /** The pages. */
  SwitchTable pages() {
    return table;
  }

  /** What they say. */
  KernelTable read() throws IOException {
    try {
      return KernelTable.of(
          table.lines().orElseThrow(() -> new IOException("there is nothing in the switch table")));
    } catch (IllegalArgumentException e) {
      throw new IOException("the switch table makes no sense: " + e.getMessage(), e);
    }
  }

  /** What a kernel has printed that has panicked since the last time. */
  PanicLog panicLog() throws IOException {
    if (table.panicked() == 0) {
      return PanicLog.none();
    }
    try (Arena arena = Arena.ofConfined()) {
      return PanicLog.of(table.log(arena));
    }
  }

  /** Has them say something else. */
  void write(KernelTable next) throws IOException {
    table.put(next.lines());
  }

  @Override
  public void close() throws IOException {
    if (memory.isPresent()) {
      memory.get().close();
    }
  }
}
