package org.dormouse.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * SHA-256 of a file. Where {@code FILE.sha256} lies beside it, as {@code sha256sum} writes it, and
 * is not older, that is believed: the digest of a kernel takes long on a slow machine.
 */
public final class FileDigest {
  private static final Pattern LINE = Pattern.compile("([0-9a-f]{64})\\b.*", Pattern.DOTALL);
  private static final int BUFFER_BYTES = 1 << 16;

  private FileDigest() {}

  /** Computes the digest of a file and writes it beside it. */
  public static void note(Path file) throws IOException {
    Files.writeString(noteFor(file), computed(file) + "  " + file.getFileName() + "\n");
  }

  private static Path noteFor(Path file) {
    return file.resolveSibling(file.getFileName() + ".sha256");
  }

  /** The digest, 64 hexadecimal digits in lower case. */
  public static String of(Path file) throws IOException {
    Optional<String> noted = noted(file);
    return noted.isPresent() ? noted.get() : computed(file);
  }

  private static Optional<String> noted(Path file) throws IOException {
    Path note = noteFor(file);
    if (!Files.isReadable(note)
        || Files.getLastModifiedTime(note).compareTo(Files.getLastModifiedTime(file)) < 0) {
      return Optional.empty();
    }
    Matcher line = LINE.matcher(Files.readString(note, StandardCharsets.UTF_8));
    return line.matches() ? Optional.of(line.group(1)) : Optional.empty();
  }

  private static String computed(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[BUFFER_BYTES];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
