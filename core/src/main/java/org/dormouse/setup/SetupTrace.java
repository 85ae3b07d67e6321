package org.dormouse.setup;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One thing that a setup has done, as it is remembered, to be taken back. */
sealed interface SetupTrace {
  /** The line that {@link #parse} reads, without its end. */
  String line();

  /**
   * A file was written.
   *
   * @param digest SHA-256 of what was written
   * @param before the name of the copy of what was there; empty if nothing was
   */
  record Wrote(Path file, String digest, Optional<String> before) implements SetupTrace {
    @Override
    public String line() {
      return "wrote " + digest + " " + before.orElse("-") + " " + file;
    }
  }

  /**
   * A key of a file of settings was set.
   *
   * @param value to what
   * @param before the line that had set it; empty if none had
   */
  record SetKey(Path file, String key, String value, Optional<String> before)
      implements SetupTrace {
    @Override
    public String line() {
      return String.join(
          " ", "key", encoded(value), before.map(SetKey::encoded).orElse("-"), key, file + "");
    }

    /** As one word. */
    private static String encoded(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static SetKey parse(String[] words) {
      return new SetKey(
          Path.of(words[3]),
          words[2],
          decoded(words[0]),
          words[1].equals("-") ? Optional.empty() : Optional.of(decoded(words[1])));
    }

    private static String decoded(String word) {
      return URLDecoder.decode(word, StandardCharsets.UTF_8);
    }
  }

  /** A file of settings was made, for keys that were set. */
  record MadeSettings(Path file) implements SetupTrace {
    @Override
    public String line() {
      return "settings " + file;
    }
  }

  /** A boot loader may have been told of the saver, and have copies of it: by sleeps. */
  record BootEntry() implements SetupTrace {
    @Override
    public String line() {
      return "boot entry";
    }
  }

  /** A folder was made, for files that were written. */
  record MadeFolder(Path folder) implements SetupTrace {
    @Override
    public String line() {
      return "folder " + folder;
    }
  }

  /** A saver's initramfs was made; whatever is in it now, nobody else needs it. */
  record MadeSaver(Path file) implements SetupTrace {
    @Override
    public String line() {
      return "saver " + file;
    }
  }

  /** A file for images was made. */
  record MadeStore(Path file) implements SetupTrace {
    @Override
    public String line() {
      return "store " + file;
    }
  }

  /** A unit was enabled. */
  record EnabledUnit(String unit) implements SetupTrace {
    @Override
    public String line() {
      return "unit " + unit;
    }
  }

  /** A command that makes something of the files. */
  record Refreshed(List<String> command) implements SetupTrace {
    /** Copies the words. */
    public Refreshed {
      command = List.copyOf(command);
    }

    @Override
    public String line() {
      return "run " + String.join(" ", command);
    }
  }

  /**
   * Reads a line.
   *
   * @throws IllegalArgumentException if it is none
   */
  static SetupTrace parse(String line) {
    int blank = line.indexOf(' ');
    String rest = line.substring(blank + 1);
    return switch (blank < 0 ? "" : line.substring(0, blank)) {
      case "wrote" -> {
        String[] words = words(line, rest, 3);
        yield new Wrote(
            Path.of(words[2]),
            words[0],
            words[1].equals("-") ? Optional.empty() : Optional.of(words[1]));
      }
      case "key" -> SetKey.parse(words(line, rest, 4));
      case "settings" -> new MadeSettings(Path.of(rest));
      case "boot" -> new BootEntry();
      case "folder" -> new MadeFolder(Path.of(rest));
      case "saver" -> new MadeSaver(Path.of(rest));
      case "store" -> new MadeStore(Path.of(rest));
      case "unit" -> new EnabledUnit(rest);
      case "run" -> new Refreshed(List.of(rest.split(" ")));
      default -> throw new IllegalArgumentException("not a line of a setup's record: " + line);
    };
  }

  private static String[] words(String line, String rest, int count) {
    String[] words = rest.split(" ", count);
    if (words.length != count) {
      throw new IllegalArgumentException("not a line of a setup's record: " + line);
    }
    return words;
  }
}
