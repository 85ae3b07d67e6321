package org.dormouse.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Which kernel is running.
 *
 * @param release as {@code uname -r} prints it
 * @param buildId the build's SHA-1 in hexadecimal digits, the same only for the same build; empty
 *     if it has none
 */
public record KernelIdentity(String release, String buildId) {
  private static final Path RELEASE = Path.of("/proc/sys/kernel/osrelease");
  private static final Path NOTES = Path.of("/sys/kernel/notes");

  /** {@code NT_GNU_BUILD_ID}, {@code include/uapi/linux/elf.h}. */
  private static final int BUILD_ID = 3;

  private static final byte[] OWNER = "GNU\0".getBytes(StandardCharsets.US_ASCII);

  /** Asks the running kernel. */
  public static KernelIdentity running() throws IOException {
    return new KernelIdentity(
        Files.readString(RELEASE).strip(), buildId(Files.readAllBytes(NOTES)));
  }

  /**
   * Finds the build id among ELF notes: name size, content size, type, name and content padded to 4
   * bytes.
   */
  static String buildId(byte[] notes) {
    ByteBuffer buffer = ByteBuffer.wrap(notes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.remaining() >= 12) {
      int nameSize = buffer.getInt();
      int contentSize = buffer.getInt();
      int type = buffer.getInt();
      int name = buffer.position();
      int content = name + (nameSize + 3 & ~3);
      int next = content + (contentSize + 3 & ~3);
      if (nameSize < 0 || contentSize < 0 || next > notes.length || next < content) {
        return "";
      }
      if (type == BUILD_ID
          && Arrays.equals(OWNER, Arrays.copyOfRange(notes, name, name + nameSize))) {
        return HexFormat.of().formatHex(notes, content, content + contentSize);
      }
      buffer.position(next);
    }
    return "";
  }
}
