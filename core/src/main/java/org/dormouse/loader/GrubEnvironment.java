package org.dormouse.loader;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * GRUB's environment block, {@code grubenv}: 1024 bytes, a first line, lines of {@code NAME=VALUE},
 * and number signs to the end (GRUB's manual, "The GRUB environment block"). Pure.
 */
public final class GrubEnvironment {
  /** How long a block is, bytes. GRUB never makes it longer or shorter. */
  static final int BYTES = 1024;

  /** What is booted once. */
  static final String NEXT = "next_entry";

  private static final String FIRST = "# GRUB Environment Block";

  private final List<String> lines;

  private GrubEnvironment(List<String> lines) {
    this.lines = List.copyOf(lines);
  }

  /** One without a line. */
  public static GrubEnvironment empty() {
    return new GrubEnvironment(List.of());
  }

  /**
   * Reads a block.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static GrubEnvironment parse(byte[] block) {
    String text = new String(block, StandardCharsets.ISO_8859_1);
    if (block.length != BYTES || !text.startsWith(FIRST + "\n")) {
      throw new IllegalArgumentException("not an environment block of GRUB's");
    }
    // Comments and the padding are of no matter to GRUB.
    return new GrubEnvironment(
        text.lines().skip(1).filter(line -> !line.startsWith("#") && line.contains("=")).toList());
  }

  /** The value of a name. */
  public Optional<String> value(String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name + "="))
        .map(line -> line.substring(name.length() + 1))
        .findFirst();
  }

  /** The same with another value of a name. */
  public GrubEnvironment with(String name, String value) {
    List<String> others = new ArrayList<>(without(name).lines);
    others.add(name + "=" + value);
    return new GrubEnvironment(others);
  }

  /** The same without a name. */
  public GrubEnvironment without(String name) {
    return new GrubEnvironment(
        lines.stream().filter(line -> !line.startsWith(name + "=")).toList());
  }

  /**
   * The block.
   *
   * @throws IllegalArgumentException if there is more in it than fits
   */
  public byte[] block() {
    StringBuilder text = new StringBuilder(FIRST).append('\n');
    lines.forEach(line -> text.append(line).append('\n'));
    byte[] used = text.toString().getBytes(StandardCharsets.ISO_8859_1);
    if (used.length > BYTES) {
      throw new IllegalArgumentException("GRUB's environment block is full");
    }
    byte[] block = Arrays.copyOf(used, BYTES);
    Arrays.fill(block, used.length, BYTES, (byte) '#');
    return block;
  }
}
