package org.dormouse.boot;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** What is assembled from {@code src/main/asm}. */
final class MachineCode {
  private MachineCode() {}

  /** The bytes that were made of {@code NAME.S}. */
  static byte[] named(String name) {
    String file = name + ".bin";
    try (InputStream in = MachineCode.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(
            file + " is missing beside the classes: Dormouse was not built with Maven");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
