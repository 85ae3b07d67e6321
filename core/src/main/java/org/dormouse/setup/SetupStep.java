package org.dormouse.setup;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
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

  /** Has a unit started at each boot. */
  record EnableUnit(String unit) implements SetupStep {
    @Override
    public String describe() {
      return "enable " + unit;
    }
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
