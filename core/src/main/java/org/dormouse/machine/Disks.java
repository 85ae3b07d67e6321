package org.dormouse.machine;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.dormouse.linux.BlockDevice;
import org.dormouse.linux.DirectFile;

/** Reads block devices. */
@FunctionalInterface
public interface Disks {
  /** Offsets, lengths and addresses of buffers are multiples of this, in bytes. */
  int ALIGNMENT = DirectFile.ALIGNMENT;

  /** A device that can be read past the page cache. */
  interface Reader extends AutoCloseable {
    /**
     * Fills {@code target}, native memory, from the bytes at {@code offset}.
     *
     * @throws IOException if the device fails, or ends before {@code target} is full
     */
    void read(long offset, MemorySegment target) throws IOException;

    @Override
    void close() throws IOException;
  }

  /** Opens a device, which may be in use. */
  Reader open(BlockDevice device) throws IOException;

  /** The running machine's disks. */
  static Disks real() {
    return device -> {
      DirectFile file = DirectFile.open(device.node(), DirectFile.Access.READ);
      return new Reader() {
        @Override
        public void read(long offset, MemorySegment target) throws IOException {
          file.read(offset, target);
        }

        @Override
        public void close() throws IOException {
          file.close();
        }
      };
    };
  }
}
