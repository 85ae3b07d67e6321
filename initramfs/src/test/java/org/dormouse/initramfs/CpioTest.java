package org.dormouse.initramfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpioTest {
  @TempDir Path folder;

  @Test
  void whatIsWrittenCanBeListed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "text");
    byte[] archive =
        write(
            Map.of(
                "dir", new Node.Folder(),
                "dir/file", new Node.Copy(file, false),
                "dir/run", new Node.Copy(file, true),
                "init", new Node.Script("#!".getBytes(StandardCharsets.UTF_8)),
                "link", new Node.Link("dir/file"),
                "null", new Node.Device(1, 3)));
    assertThat(list(archive))
        .containsExactly(
            "40755 dir ",
            "100644 dir/file text",
            "100755 dir/run text",
            "100755 init #!",
            "120777 link dir/file",
            "20600 null ");
  }

  @Test
  void ownersAndTimesAreFixed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "text");
    byte[] first = write(Map.of("file", new Node.Copy(file, false)));
    Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.fromMillis(0));
    assertThat(write(Map.of("file", new Node.Copy(file, false)))).isEqualTo(first);
    try (CpioArchiveInputStream in = new CpioArchiveInputStream(new ByteArrayInputStream(first))) {
      CpioArchiveEntry entry = in.getNextEntry();
      assertThat(entry.getUID()).isZero();
      assertThat(entry.getGID()).isZero();
      assertThat(entry.getTime()).isEqualTo(Folders.TIME.toInstant().getEpochSecond());
    }
  }

  private static byte[] write(Map<String, Node> nodes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Cpio.write(new TreeMap<>(nodes), out);
    return out.toByteArray();
  }

  private static List<String> list(byte[] archive) throws IOException {
    List<String> lines = new ArrayList<>();
    try (CpioArchiveInputStream in =
        new CpioArchiveInputStream(new ByteArrayInputStream(archive))) {
      for (CpioArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        String content = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        lines.add(Long.toOctalString(entry.getMode()) + " " + entry.getName() + " " + content);
      }
    }
    return lines;
  }
}
