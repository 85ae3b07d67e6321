package org.dormouse.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the ACPI root pointer (RSDP) is, for a kernel that no firmware starts. */
public final class AcpiRoot {
  private static final Path BOOT_PARAMS = Path.of("/sys/kernel/boot_params/data");
  private static final Path EFI_TABLES = Path.of("/sys/firmware/efi/systab");

  /** Offset of {@code acpi_rsdp_addr}: {@code Documentation/arch/x86/zero-page.rst}. */
  private static final int RSDP_FIELD = 0x70;

  private AcpiRoot() {}

  /**
   * The physical address of the RSDP; 0 when nothing tells, and it is to be searched for where a
   * BIOS puts it (ACPI specification 6.5, section 5.2.5.1).
   */
  public static long address() throws IOException {
    if (Files.exists(EFI_TABLES)) {
      for (String line : Files.readAllLines(EFI_TABLES)) {
        if (line.startsWith("ACPI20=0x")) {
          return Long.parseUnsignedLong(line.substring("ACPI20=0x".length()), 16);
        }
      }
    }
    if (Files.exists(BOOT_PARAMS)) {
      byte[] page = Files.readAllBytes(BOOT_PARAMS);
      return ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN).getLong(RSDP_FIELD);
    }
    return 0;
  }
}
