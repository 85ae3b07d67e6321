package org.dormouse.setup;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.dormouse.text.Quantity;

/** One change of the machine. */
public sealed interface SetupStep {
  /** The change in a line, for a person who is to say yes to it. */
  String describe();

  /**
   * Makes a file for images.
   *
   * @param bytes how large; empty for what all memory takes
   */
  record CreateStore(Path file, OptionalLong bytes) implements SetupStep {
    @Override
    public String describe() {
      return "make the file "
          + file
          + " for images"
          + (bytes.isPresent() ? ", " + Quantity.bytes(bytes.getAsLong()) : ", for all memory");
    }
  }

  /**
   * Writes a file; one that is there is replaced.
   *
   * @param text what is to be in it
   * @param why what it is for
   */
  record WriteFile(Path file, String text, Mode mode, String why) implements SetupStep {
    @Override
    public String describe() {
      return "write " + file + ": " + why;
    }
  }

  /**
   * Sets keys in a file of lines {@code key = value}; all else that is in it stays.
   *
   * @param keys their values
   */
  record SetKeys(Path file, Map<String, String> keys) implements SetupStep {
    /** Copies the keys. */
    public SetKeys {
      keys = Map.copyOf(keys);
    }

    @Override
    public String describe() {
      return "set " + String.join(", ", new TreeMap<>(keys).keySet()) + " in " + file;
    }
  }

  /** Whether a file is run. */
  enum Mode {
    DATA,
    PROGRAM
  }

  /** Makes the saver's initramfs. */
  record MakeSaver(Path initramfs, String release) implements SetupStep {
    @Override
    public String describe() {
      return "make " + initramfs + ": what the saver starts with";
    }
  }

  /**
   * Makes the file with the entry that sleeps write, empty, long before it is needed.
   *
   * @param file where a boot loader reads it
   */
  record LayOutBootEntry(Path file) implements SetupStep {
    @Override
    public String describe() {
      return "make " + file + ": empty, for the entry that a sleep writes";
    }
  }

  /**
   * Has a unit started at each boot.
   *
   * @param first when it is started the first time
   */
  record EnableUnit(String unit, FirstStart first) implements SetupStep {
    @Override
    public String describe() {
      return switch (first) {
        case NOW -> "enable and start " + unit;
        case NEXT_BOOT -> "enable " + unit;
      };
    }
  }

  /** When a unit that is enabled is started the first time. */
  enum FirstStart {
    NOW,
    NEXT_BOOT
  }

  /**
   * Runs a command after all else, and again after all else has been taken back: it makes something
   * of the files that were written.
   *
   * @param why what it is for
   */
  record Refresh(List<String> command, String why) implements SetupStep {
    /** Copies the words. */
    public Refresh {
      command = List.copyOf(command);
    }

    @Override
    public String describe() {
      return "run " + String.join(" ", command) + ": " + why;
    }
  }
}
