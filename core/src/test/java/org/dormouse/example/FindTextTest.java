package org.dormouse.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.dormouse.convert.CreateImage;
import org.dormouse.dump.CoreFile;
import org.dormouse.dump.ElfBytes;
import org.dormouse.image.ImageProgress;
import org.dormouse.image.PipelineSize;
import org.dormouse.memory.Pages;
import org.dormouse.store.BlockStore;
import org.dormouse.vmcore.Exclusions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program of {@code docs/library.md}, run. */
class FindTextTest {
  private static final Path DOCUMENT = Path.of("../docs/library.md");
  private static final Path PROGRAM = Path.of("src/test/java/org/dormouse/example/FindText.java");

  @TempDir Path folder;

  @Test
  void itFindsWhatWasPlanted() throws Exception {
    byte[] memory = new byte[600 * Pages.SIZE];
    new Random(3).nextBytes(memory);
    plant(memory, 5 * Pages.SIZE);
    plant(memory, 599 * Pages.SIZE + 4096 - 8);
    assertThat(printed(image(memory).toString(), "dormouse"))
        .containsExactly("memory of Linux 6.1.0-example", "0x105000", "0x357ff8");
  }

  @Test
  void theDocumentShowsThisProgram() throws Exception {
    String program = Files.readString(PROGRAM);
    String body = program.substring(program.indexOf("  public static void main"));
    assertThat(Files.readString(DOCUMENT)).contains(body.substring(0, body.lastIndexOf('}')));
  }

  private static void plant(byte[] memory, int at) {
    System.arraycopy("dormouse".getBytes(StandardCharsets.US_ASCII), 0, memory, at, 8);
  }

  private Path image(byte[] memory) throws Exception {
    Path dump =
        Files.write(
            folder.resolve("dump"),
            new ElfBytes()
                .note("VMCOREINFO", "OSRELEASE=6.1.0-example\n")
                .load(0x100000, 0, memory)
                .bytes());
    Path image = folder.resolve("image");
    try (CoreFile core = CoreFile.open(dump);
        CreateImage create = new CreateImage(core, Exclusions.none(), 1, pages -> {});
        BlockStore store = BlockStore.create(image, create.worstCaseBytes())) {
      create.write(store, PipelineSize.of(1), new ImageProgress());
    }
    return image;
  }

  private static String[] printed(String... arguments) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (PrintStream captured = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      System.setOut(captured);
      FindText.main(arguments);
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8).lines().toArray(String[]::new);
  }
}
