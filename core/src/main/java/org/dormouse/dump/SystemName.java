package org.dormouse.dump;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.dormouse.vmcore.AddressTranslation;
import org.dormouse.vmcore.OriginalMemory;
import org.dormouse.vmcore.SourcePages;
import org.dormouse.vmcore.VmcoreInfo;

/**
 * {@code struct new_utsname} ({@code include/uapi/linux/utsname.h}): system, node, release,
 * version, machine and domain, each a string with zeros behind it. Readers of dumps tell by it what
 * kind of machine they have before them.
 */
final class SystemName {
  /** {@code __NEW_UTS_LEN + 1}. */
  private static final int FIELD = 65;

  /** Six strings. */
  static final int BYTES = 6 * FIELD;

  /** What {@code uname -m} prints. */
  static final String MACHINE = "x86_64";

  private static final int RELEASE_AT = 2 * FIELD;
  private static final int MACHINE_AT = 4 * FIELD;

  private SystemName() {}

  /** The string in a name that tells the machine. */
  static String machine(byte[] name) {
    int end = MACHINE_AT;
    while (end < MACHINE_AT + FIELD && name[end] != 0) {
      end++;
    }
    return new String(name, MACHINE_AT, end - MACHINE_AT, StandardCharsets.ISO_8859_1);
  }

  /**
   * The name of the kernel in some memory; if it cannot be read there, no more than VMCOREINFO
   * tells.
   */
  static byte[] of(CoreContents contents) {
    try {
      VmcoreInfo info = contents.description().vmcoreInfo();
      try {
        return inMemory(contents, info);
      } catch (IOException e) {
        // Memory may lack that page, and a name is no reason to refuse it.
        return made(info.value("OSRELEASE"));
      }
    } catch (IOException e) {
      return made("");
    }
  }

  private static byte[] inMemory(CoreContents contents, VmcoreInfo info) throws IOException {
    OriginalMemory memory =
        OriginalMemory.of(contents.frames(), contents.ram(), SourcePages.none());
    byte[] name = new byte[BYTES];
    // The translation makes sure that the release there is the one in VMCOREINFO.
    AddressTranslation.of(memory, info)
        .read(
            info.symbol("init_uts_ns") + info.offset("uts_namespace.name"),
            MemorySegment.ofArray(name));
    return machine(name).equals(MACHINE) ? name : made(info.value("OSRELEASE"));
  }

  private static byte[] made(String release) {
    byte[] name = new byte[BYTES];
    put(name, 0, "Linux");
    put(name, RELEASE_AT, release);
    put(name, MACHINE_AT, MACHINE);
    return name;
  }

  private static void put(byte[] name, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    byte[] field = Arrays.copyOf(bytes, Math.min(bytes.length, FIELD - 1));
    System.arraycopy(field, 0, name, at, field.length);
  }
}
