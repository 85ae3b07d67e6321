package org.dormouse.protocol;

import java.io.IOException;
import java.util.Optional;
import org.dormouse.linux.Kexec;
import org.dormouse.linux.KexecLoadCounter;
import org.dormouse.linux.SharedMemory;
import org.dormouse.mailbox.SwitchTable;
import org.dormouse.text.KeyValues;

/** In the original kernel: whether several kernels are loaded. */
public final class LoadedKernels {
  private LoadedKernels() {}

  /**
   * The table of the kernels that are loaded.
   *
   * @return empty if none are, or something else has been loaded since
   * @throws IOException if the table is damaged
   */
  public static Optional<KernelTable> find() throws IOException {
    if (!Kexec.isSupported() || !Kexec.isLoaded()) {
      return Optional.empty();
    }
    Optional<SharedMemory> shared = SharedMemory.find(SwitchTable.KEY, SwitchTable.BYTES);
    if (shared.isEmpty()) {
      return Optional.empty();
    }
    try (SharedMemory memory = shared.get()) {
      Optional<KeyValues> lines = SwitchTable.in(memory.memory()).lines();
      if (lines.isEmpty()) {
        return Optional.empty();
      }
      KernelTable table = KernelTable.of(lines.get());
      boolean another = table.loads().isPresent() && !table.loads().equals(KexecLoadCounter.read());
      return another ? Optional.empty() : Optional.of(table);
    } catch (IllegalArgumentException e) {
      throw new IOException("the switch table makes no sense: " + e.getMessage(), e);
    }
  }
}
