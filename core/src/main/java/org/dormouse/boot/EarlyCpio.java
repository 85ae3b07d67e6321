package org.dormouse.boot;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.dormouse.memory.Pages;

/**
 * An uncompressed archive with one file, to lie in front of an initramfs: the kernel unpacks one
 * archive after the other, and skips zeros between them ({@code unpack_to_rootfs} in {@code
 * init/initramfs.c}). Its content lies at a known place, so that it can be changed in memory until
 * the kernel unpacks it.
 *
 * <p>Format: "newc", {@code Documentation/driver-api/early-userspace/buffer-format.rst}. The
 * archive has no checksum.
 */
public final class EarlyCpio {
  private static final int ALIGNMENT = 4;
  private static final int REGULAR_FILE_OF_ROOT_ALONE = 0100400; // S_IFREG | S_IRUSR
  private static final String TRAILER = "TRAILER!!!";

  private final byte[] bytes;
  private final int content;

  private EarlyCpio(byte[] bytes, int content) {
    this.bytes = bytes;
    this.content = content;
  }

  /**
   * An archive with a file that its owner, root, can read.
   *
   * @param name without a slash: it lies in the root directory
   */
  public static EarlyCpio of(String name, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    header(out, name, REGULAR_FILE_OF_ROOT_ALONE, content.length);
    int start = out.size();
    out.writeBytes(content);
    pad(out, ALIGNMENT);
    header(out, TRAILER, 0, 0);
    pad(out, Pages.SIZE);
    return new EarlyCpio(out.toByteArray(), start);
  }

  /** The archive, with zeros up to whole pages. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Where the file's content begins in the archive, in bytes. */
  public int content() {
    return content;
  }

  private static void header(ByteArrayOutputStream out, String name, int mode, int size) {
    int inode = mode == 0 ? 0 : 1;
    int nameSize = name.length() + 1;
    // c_ino, c_mode, c_uid, c_gid, c_nlink, c_mtime, c_filesize, c_maj, c_min, c_rmaj, c_rmin,
    // c_namesize, c_chksum
    int[] fields = {inode, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, nameSize, 0};
    StringBuilder header = new StringBuilder("070701");
    for (int field : fields) {
      header.append(String.format("%08x", field));
    }
    out.writeBytes(header.append(name).append('\0').toString().getBytes(StandardCharsets.US_ASCII));
    pad(out, ALIGNMENT);
  }

  private static void pad(ByteArrayOutputStream out, int alignment) {
    while (out.size() % alignment != 0) {
      out.write(0);
    }
  }
}
