package org.dormouse.initramfs;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.SortedMap;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioConstants;

/**
 * Writes a tree of nodes as a cpio archive of the kind that the kernel unpacks ("newc", {@code
 * Documentation/driver-api/early-userspace/buffer-format.rst}). Owner and times are fixed, so equal
 * nodes give equal bytes.
 */
final class Cpio {

  private Cpio() {}

  /**
   * Writes the archive.
   *
   * @param nodes by path without a leading slash; a folder sorts before what is in it, as the
   *     kernel needs it
   */
  static void write(SortedMap<String, Node> nodes, OutputStream out) throws IOException {
    try (CpioArchiveOutputStream archive =
        new CpioArchiveOutputStream(out, CpioConstants.FORMAT_NEW)) {
      long inode = 1;
      for (var node : nodes.entrySet()) {
        CpioArchiveEntry entry = new CpioArchiveEntry(CpioConstants.FORMAT_NEW, node.getKey());
        entry.setInode(inode++);
        entry.setTime(Folders.TIME.toInstant().getEpochSecond());
        write(archive, entry, node.getValue());
      }
    }
  }

  private static void write(CpioArchiveOutputStream archive, CpioArchiveEntry entry, Node node)
      throws IOException {
    switch (node) {
      case Node.Folder _ -> {
        entry.setMode(CpioConstants.C_ISDIR | 0755);
        entry.setNumberOfLinks(2);
        archive.putArchiveEntry(entry);
      }
      case Node.Copy(var source, boolean executable) -> {
        entry.setMode(CpioConstants.C_ISREG | (executable ? 0755 : 0644));
        entry.setSize(Files.size(source));
        archive.putArchiveEntry(entry);
        Files.copy(source, archive);
      }
      case Node.Script(byte[] content) ->
          put(archive, entry, CpioConstants.C_ISREG | 0755, content);
      case Node.Link(String target) ->
          put(
              archive,
              entry,
              CpioConstants.C_ISLNK | 0777,
              target.getBytes(StandardCharsets.UTF_8));
      case Node.Device(int major, int minor) -> {
        entry.setMode(CpioConstants.C_ISCHR | 0600);
        entry.setRemoteDeviceMaj(major);
        entry.setRemoteDeviceMin(minor);
        archive.putArchiveEntry(entry);
      }
    }
    archive.closeArchiveEntry();
  }

  private static void put(
      CpioArchiveOutputStream archive, CpioArchiveEntry entry, long mode, byte[] content)
      throws IOException {
    entry.setMode(mode);
    entry.setSize(content.length);
    archive.putArchiveEntry(entry);
    archive.write(content);
  }
}
