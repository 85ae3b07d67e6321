package org.dormouse.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;

/**
 * The firmware's variables, in efivarfs ({@code Documentation/filesystems/efivarfs.rst}): a file
 * each, with four bytes of attributes before the value.
 */
public final class EfiVariables {
  private static final Path FOLDER = Path.of("/sys/firmware/efi/efivars");

  // UEFI specification 2.10, section 8.2: NON_VOLATILE | BOOTSERVICE_ACCESS | RUNTIME_ACCESS
  private static final int ATTRIBUTES = 7;
  private static final int ATTRIBUTE_BYTES = 4;

  // include/uapi/linux/fs.h: FS_IOC_SETFLAGS, with the flags that a new file has: none
  private static final long FS_IOC_SETFLAGS = 0x40086602;

  private final Path folder;

  private EfiVariables(Path folder) {
    this.folder = folder;
  }

  /** Those of this machine; there are none, and none can be written, if a BIOS has started it. */
  public static EfiVariables ofMachine() {
    return in(FOLDER);
  }

  /** Those in a folder that is laid out as efivarfs is. */
  public static EfiVariables in(Path folder) {
    return new EfiVariables(folder);
  }

  /** Whether UEFI has started the machine, and its variables can be reached. */
  public boolean isThere() {
    return Files.isDirectory(folder) && Files.exists(folder.getParent().resolve("runtime"));
  }

  /**
   * A variable's value.
   *
   * @param name {@code NAME-GUID}
   */
  public Optional<byte[]> read(String name) throws IOException {
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    byte[] all = Files.readAllBytes(file);
    return all.length < ATTRIBUTE_BYTES
        ? Optional.empty()
        : Optional.of(Arrays.copyOfRange(all, ATTRIBUTE_BYTES, all.length));
  }

  /** A variable that holds text in UTF-16, up to its first NUL. */
  public Optional<String> text(String name) throws IOException {
    return read(name)
        .map(bytes -> new String(bytes, StandardCharsets.UTF_16LE))
        .map(text -> text.contains("\0") ? text.substring(0, text.indexOf('\0')) : text);
  }

  /** Writes text as UTF-16 with a NUL behind it; a variable of the same name is replaced. */
  public void writeText(String name, String text) throws IOException {
    delete(name);
    byte[] value = (text + "\0").getBytes(StandardCharsets.UTF_16LE);
    ByteBuffer all =
        ByteBuffer.allocate(ATTRIBUTE_BYTES + value.length).order(ByteOrder.LITTLE_ENDIAN);
    all.putInt(ATTRIBUTES).put(value);
    // One write is one call of the firmware's SetVariable.
    Files.write(
        folder.resolve(name), all.array(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  /** Deletes a variable, if it is there. */
  public void delete(String name) throws IOException {
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      return;
    }
    // A file of efivarfs cannot be changed before its flag is taken off.
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment none = arena.allocateFrom(ValueLayout.JAVA_LONG, 0);
      Ioctl.on(file, Ioctl.Access.READ, "flags of " + file, FS_IOC_SETFLAGS, none);
    }
    Files.delete(file);
  }
}
