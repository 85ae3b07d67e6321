package org.dormouse.protocol;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a saver kernel printed before it panicked, as its ramoops driver left it. Pure.
 *
 * <p>A zone of {@code fs/pstore/ram_core.c}: {@code struct persistent_ram_buffer} (signature, start
 * and size, four bytes each), then the text. The text begins with a line of ramoops ({@code
 * ramoops_write_kmsg_hdr} in {@code fs/pstore/ram.c}), {@code ====SECONDS.MICROSECONDS-D}, and one
 * of pstore ({@code pstore_dump} in {@code fs/pstore/platform.c}), {@code Panic#1 Part1}.
 *
 * @param lines in their order, without levels
 */
public record PanicLog(List<String> lines) {
  /** How many are worth telling. */
  private static final int TOLD = 60;

  /** {@code PERSISTENT_RAM_SIG}, "DBGC". */
  private static final int SIGNATURE = 0x43474244;

  private static final long SIZE = 8;
  private static final long TEXT = 12;

  private static final ValueLayout.OfInt WORD =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final Pattern OWN =
      Pattern.compile("====\\d+\\.\\d+-D|(?:Panic|Oops)#\\d+ Part\\d+");
  private static final Pattern CAUSE =
      Pattern.compile("^(?:\\[ *[\\d.]+\\] )?Kernel panic - not syncing: (.*)$");

  /** Copies the list. */
  public PanicLog {
    lines = List.copyOf(lines);
  }

  /** Nothing is known. */
  public static PanicLog none() {
    return new PanicLog(List.of());
  }

  /** Reads it; empty if there is none. */
  public static PanicLog of(MemorySegment zone) {
    if (zone.byteSize() <= TEXT || zone.get(WORD, 0) != SIGNATURE) {
      return none();
    }
    long size = Integer.toUnsignedLong(zone.get(WORD, SIZE));
    byte[] text =
        zone.asSlice(TEXT, Math.min(size, zone.byteSize() - TEXT)).toArray(ValueLayout.JAVA_BYTE);
    List<String> all =
        new String(text, StandardCharsets.UTF_8)
            .lines()
            .filter(line -> !OWN.matcher(line).matches())
            .map(line -> line.replaceFirst("^<\\d+>", "").replaceAll("\\p{Cc}", " "))
            .toList();
    return new PanicLog(all.subList(Math.max(0, all.size() - TOLD), all.size()));
  }

  /** What the kernel says of the panic. */
  public Optional<String> cause() {
    return lines.reversed().stream()
        .map(CAUSE::matcher)
        .filter(Matcher::matches)
        .map(found -> found.group(1))
        .findFirst();
  }
}
