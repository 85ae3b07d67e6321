package org.dormouse.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.dormouse.memory.PageSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code docs/image-format.md} is enough to read an image: {@code src/test/python/read_image.py}
 * was written by it alone.
 */
class ReaderFromTheDocumentTest {
  @TempDir Path folder;

  private record Result(int status, List<String> printed) {}

  @Test
  void itReadsWhatWasWrittenCompressedAndNot() throws IOException, InterruptedException {
    for (PipelineSize.Compression compression : PipelineSize.Compression.values()) {
      try (TestMachine machine = TestMachine.mixed();
          MemoryStore store = new MemoryStore(8 << 20)) {
        machine.hibernate(store, PipelineSize.of(2).withCompression(compression));
        Result result = read(store);
        assertThat(result.printed()).as("%s", compression).isEqualTo(expected(machine));
        assertThat(result.status()).isZero();
      }
    }
  }

  @Test
  void itSeesWhatIsDamaged() throws IOException, InterruptedException {
    try (MemoryStore store = TestMachine.completeImage()) {
      store.flip(TestMachine.files().dataOffset() + 5, 3);
      Result result = read(store);
      assertThat(result.status()).isEqualTo(1);
      assertThat(result.printed())
          .last()
          .asString()
          .contains("a chunk")
          .contains("does not match its checksum");
    }
  }

  private Result read(MemoryStore store) throws IOException, InterruptedException {
    Path file = Files.write(folder.resolve("image"), store.contents());
    Process reader =
        new ProcessBuilder("python3", "src/test/python/read_image.py", file.toString())
            .redirectErrorStream(true)
            .start();
    String printed =
        new String(reader.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    return new Result(reader.waitFor(), printed.lines().toList());
  }

  private static List<String> expected(TestMachine machine) {
    List<String> lines = new ArrayList<>();
    byte[] details = TestMachine.DETAILS.getBytes(StandardCharsets.UTF_8);
    lines.add(String.format("details %d %s", details.length, crc32(details)));
    PageSet pages = machine.inUse();
    for (long pfn = pages.next(0); pfn < pages.limit(); pfn = pages.next(pfn + 1)) {
      byte[] page = machine.page(pfn).toArray(ValueLayout.JAVA_BYTE);
      boolean zero = new String(page, StandardCharsets.ISO_8859_1).chars().allMatch(b -> b == 0);
      lines.add(pfn + " " + (zero ? "zero" : crc32(page)));
    }
    return lines;
  }

  private static String crc32(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return String.format("%08x", crc.getValue());
  }
}
