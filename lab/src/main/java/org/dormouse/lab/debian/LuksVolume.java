package org.dormouse.lab.debian;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import org.dormouse.lab.guest.GuestRoot;
import org.dormouse.lab.setup.SetupException;
import org.dormouse.lab.setup.Tool;

/**
 * LUKS2 in a partition of a disk that is a file. cryptsetup makes the header; what is in the volume
 * is encrypted and decrypted here, as the host may have no device-mapper.
 *
 * @param disk the file
 * @param partition where it lies there
 * @param uuid of the header
 * @param key the volume's key, a file
 */
record LuksVolume(Path disk, Partition partition, String uuid, Path key) {
  /** What cryptsetup takes by default: two headers and the key slots. */
  static final long HEADER_BYTES = 16 << 20;

  /** So much is encrypted or left out at a time. */
  private static final int PIECE = 1 << 20;

  /** The size of the volume. */
  long bytes() {
    return partition.bytes() - HEADER_BYTES;
  }

  /** What is in it. */
  VolumeGroup group() {
    return new VolumeGroup(bytes());
  }

  /**
   * Makes it.
   *
   * @param plain what it is to hold. Pieces of it that are nothing but zeros are left out: there
   *     the volume holds anything, as on a disk that was used before
   */
  void make(Path plain, Tool tool, Path scratch) throws SetupException, IOException {
    byte[] volumeKey = new byte[XtsSectors.KEY_BYTES];
    new SecureRandom().nextBytes(volumeKey);
    Files.write(key, volumeKey);
    copy(header(tool, scratch), 0, HEADER_BYTES);
    try (FileChannel from = FileChannel.open(plain, StandardOpenOption.READ);
        FileChannel to = FileChannel.open(disk, StandardOpenOption.WRITE)) {
      convert(from, 0, to, dataOffset(), XtsSectors.encrypting(volumeKey));
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot encrypt", e);
    }
  }

  /** Writes what it holds to a file, sparse where nothing was ever written. */
  void decryptTo(Path plain) throws IOException {
    GuestRoot.writeEmptyDisk(plain, bytes());
    try (FileChannel from = FileChannel.open(disk, StandardOpenOption.READ);
        FileChannel to = FileChannel.open(plain, StandardOpenOption.WRITE)) {
      convert(from, dataOffset(), to, 0, XtsSectors.decrypting(Files.readAllBytes(key)));
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot decrypt", e);
    }
  }

  private long dataOffset() {
    return partition.offset() + HEADER_BYTES;
  }

  private Path header(Tool tool, Path scratch) throws SetupException, IOException {
    Path header = scratch.resolve("luks.img");
    Path passphrase = scratch.resolve("passphrase");
    GuestRoot.writeEmptyDisk(header, partition.bytes());
    Files.writeString(passphrase, DebianFiles.PASSPHRASE);
    tool.run(
        List.of(
            "/sbin/cryptsetup",
            "luksFormat",
            "--batch-mode",
            "--type=luks2",
            "--uuid=" + uuid,
            "--cipher=aes-xts-plain64",
            "--key-size=512",
            "--sector-size=" + XtsSectors.BYTES,
            "--volume-key-file=" + key,
            // A guess may be cheap here: an emulated machine takes minutes for a dear one.
            "--pbkdf=pbkdf2",
            "--pbkdf-force-iterations=1000",
            "--key-file=" + passphrase,
            header.toString()));
    return header;
  }

  private void copy(Path from, long begin, long bytes) throws IOException {
    try (FileChannel source = FileChannel.open(from, StandardOpenOption.READ);
        FileChannel target = FileChannel.open(disk, StandardOpenOption.WRITE)) {
      target.position(partition.offset() + begin);
      for (long done = 0; done < bytes; ) {
        done += source.transferTo(begin + done, bytes - done, target);
      }
    }
  }

  private void convert(FileChannel from, long fromAt, FileChannel to, long toAt, XtsSectors sectors)
      throws IOException, GeneralSecurityException {
    byte[] piece = new byte[PIECE];
    for (long done = 0; done < bytes(); done += PIECE) {
      int length = (int) Math.min(PIECE, bytes() - done);
      readFully(from, ByteBuffer.wrap(piece, 0, length), fromAt + done);
      if (isZero(piece, length)) {
        continue;
      }
      for (int at = 0; at < length; at += XtsSectors.BYTES) {
        sectors.change(piece, at, done + at);
      }
      ByteBuffer changed = ByteBuffer.wrap(piece, 0, length);
      while (changed.hasRemaining()) {
        to.write(changed, toAt + done + changed.position());
      }
    }
  }

  private static void readFully(FileChannel channel, ByteBuffer buffer, long at)
      throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, at + buffer.position()) < 0) {
        throw new IOException("the file is shorter than its volume");
      }
    }
  }

  private static boolean isZero(byte[] bytes, int length) {
    for (int i = 0; i < length; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }
}
