package org.dormouse.lab.setup;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Collects all that goes into a product, and makes of it the key under which the product is kept.
 * Each part is hashed with its length, so that no two lists of parts give the same stream of bytes.
 */
public final class ContentKey {
  /** Of SHA-256's 32 bytes: enough never to meet, short enough to read. */
  private static final int BYTES_IN_NAME = 8;

  private final MessageDigest digest = sha256();

  /** Adds a text. */
  public ContentKey add(String part) {
    return add(part.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  /** Adds the file's content, not its name or times. */
  public ContentKey add(Path file) {
    return add(contentDigest(file));
  }

  /** Adds the code of a class, without the classes in it. */
  public ContentKey add(Class<?> code) {
    String file = code.getName().substring(code.getPackageName().length() + 1) + ".class";
    try (InputStream in = code.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("no class file of " + code);
      }
      return add(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The key, in hexadecimal. Ends the collecting. */
  public String name() {
    return HexFormat.of().formatHex(digest.digest(), 0, BYTES_IN_NAME);
  }

  private ContentKey add(byte[] part) {
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, part.length));
    digest.update(part);
    return this;
  }

  private static byte[] contentDigest(Path file) {
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha256())) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
      return ((DigestInputStream) in).getMessageDigest().digest();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
