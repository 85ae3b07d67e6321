package org.dormouse.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.dormouse.memory.PageRange;

/**
 * Physical memory that this kernel does not own, mapped through {@code /dev/mem}.
 *
 * <p>Mappings are cached like memory (no {@code O_SYNC}). The page tables of a mapping are built
 * when it is made, 8 bytes for each page: map a machine in windows. With {@code
 * CONFIG_IO_STRICT_DEVMEM} the kernel needs {@code iomem=relaxed} on its command line; what is
 * System RAM to it cannot be mapped at all ({@code range_is_allowed} in {@code
 * drivers/char/mem.c}). Safe for concurrent use until closed.
 */
public final class PhysicalMemory implements AutoCloseable {
  /** What the memory is mapped for. */
  public enum Access {
    READ(0, 1),
    /** Read and write. */
    WRITE(2, 1 | 2);

    // O_RDONLY and O_RDWR in include/uapi/asm-generic/fcntl.h; PROT_READ and PROT_WRITE in
    // include/uapi/asm-generic/mman-common.h.
    private final long openFlags;
    private final long protection;

    Access(long openFlags, long protection) {
      this.openFlags = openFlags;
      this.protection = protection;
    }
  }

  private static final String PATH = "/dev/mem";
  // include/uapi/asm-generic/fcntl.h
  private static final long O_CLOEXEC = 02000000;
  // include/uapi/linux/mman.h
  private static final long MAP_SHARED = 0x01;

  private final long descriptor;
  private final Access access;

  private PhysicalMemory(long descriptor, Access access) {
    this.descriptor = descriptor;
    this.access = access;
  }

  /**
   * Opens it.
   *
   * @throws LinuxException with the kernel's error, {@code EPERM} without {@code CAP_SYS_RAWIO} or
   *     under lockdown, {@code ENOENT} without {@code CONFIG_DEVMEM}
   */
  public static PhysicalMemory open(Access access) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      long path = arena.allocateFrom(PATH).address();
      return new PhysicalMemory(
          Syscall.OPEN.call("open " + PATH, path, access.openFlags | O_CLOEXEC), access);
    }
  }

  /**
   * Maps frames.
   *
   * @param frames not empty
   * @param arena unmaps them when closed; the mapping may outlive this object
   * @return exactly these frames
   * @throws LinuxException with the kernel's error, {@code EPERM} if the kernel keeps the frames to
   *     itself
   */
  public MemorySegment map(PageRange frames, Arena arena) throws LinuxException {
    long address =
        Syscall.MMAP.call(
            () -> "map " + frames + " of " + PATH,
            0,
            frames.bytes(),
            access.protection,
            MAP_SHARED,
            descriptor,
            frames.startAddress());
    return MemorySegment.ofAddress(address)
        .reinterpret(frames.bytes(), arena, PhysicalMemory::unmap);
  }

  /** Closes the device; mappings stay until their arenas are closed. */
  @Override
  public void close() throws LinuxException {
    Syscall.CLOSE.call("close " + PATH, descriptor);
  }

  private static void unmap(MemorySegment memory) {
    try {
      Syscall.MUNMAP.call("unmap", memory.address(), memory.byteSize());
    } catch (LinuxException e) {
      throw new IllegalStateException(e);
    }
  }
}
