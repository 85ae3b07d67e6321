package org.dormouse.lab.qemu;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * An ELF core that QEMU wrote. Since 7.2 its program headers come behind a section header, which
 * the ABI allows; makedumpfile and others look for them right behind the ELF header.
 */
final class MemoryDump {
  // System V ABI, "Object Files": Elf64_Ehdr and the size of an Elf64_Phdr
  private static final int EHDR_SIZE = 64;
  private static final int PHDR_SIZE = 56;
  private static final int E_PHOFF = 32;
  private static final int E_SHOFF = 40;
  private static final int E_PHNUM = 56;
  private static final int E_SHENTSIZE = 58;
  private static final int E_SHNUM = 60;
  private static final int E_SHSTRNDX = 62;

  private MemoryDump() {}

  /** Puts the program headers where everybody finds them; there is no section header any more. */
  static void putHeadersFirst(Path core) throws IOException {
    try (FileChannel file =
        FileChannel.open(core, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer header = read(file, 0, EHDR_SIZE);
      int count = Short.toUnsignedInt(header.getShort(E_PHNUM));
      ByteBuffer loads = read(file, header.getLong(E_PHOFF), count * PHDR_SIZE);
      header.putLong(E_PHOFF, EHDR_SIZE);
      header.putLong(E_SHOFF, 0);
      header.putShort(E_SHENTSIZE, (short) 0);
      header.putShort(E_SHNUM, (short) 0);
      header.putShort(E_SHSTRNDX, (short) 0);
      write(file, 0, header);
      write(file, EHDR_SIZE, loads);
    }
  }

  private static ByteBuffer read(FileChannel file, long offset, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (file.read(buffer, offset + buffer.position()) < 0) {
        throw new IOException("QEMU's dump ends within its headers");
      }
    }
    return buffer.flip();
  }

  private static void write(FileChannel file, long offset, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes, offset + bytes.position());
    }
  }
}
