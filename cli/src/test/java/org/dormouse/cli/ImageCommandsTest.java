package org.dormouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.dormouse.image.Image;
import org.dormouse.image.ImageDescription;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageProgress;
import org.dormouse.image.ImageWriter;
import org.dormouse.image.PipelineSize;
import org.dormouse.image.SaverFiles;
import org.dormouse.image.WakeDescription;
import org.dormouse.memory.PageRange;
import org.dormouse.store.BlockStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The commands on images, from files to files, as somebody types them. */
class ImageCommandsTest {
  private static final int PAGE = 4096;
  private static final int PAGES = 600;
  private static final UUID WAKES = new UUID(7, 8);

  @TempDir Path folder;
  private Path dump;
  private Path image;

  private record Result(int status, String out, String err) {}

  private static Result run(Object... words) {
    String[] arguments = Arrays.stream(words).map(Object::toString).toArray(String[]::new);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine(arguments);
    line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int status = line.execute(arguments);
    return new Result(status, out.toString(), err.toString());
  }

  private static Result good(Object... words) {
    Result result = run(words);
    assertThat(result.status).as(result.err).isEqualTo(ExitCode.OK);
    return result;
  }

  private static Result bad(int status, Object... words) {
    Result result = run(words);
    assertThat(result.status).as(result.err).isEqualTo(status);
    assertThat(result.out).isEmpty();
    assertThat(result.err.lines()).hasSize(3);
    assertThat(result.err).doesNotContain("doctor", "nothing is loaded", "defect");
    return result;
  }

  @BeforeEach
  void makeADump() throws IOException {
    dump = Files.write(folder.resolve("dump"), core());
    image = folder.resolve("image");
  }

  /** An ELF core with one load, from 1 MiB on: System V ABI, "Object Files". */
  private static byte[] core() {
    ByteBuffer file = ByteBuffer.allocate(PAGE + PAGES * PAGE).order(ByteOrder.LITTLE_ENDIAN);
    file.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
    file.putShort(16, (short) 4).putShort(18, (short) 62).putInt(20, 1).putLong(32, 64);
    file.putShort(52, (short) 64).putShort(54, (short) 56).putShort(56, (short) 1);
    file.putInt(64, 1).putInt(68, 7).putLong(72, PAGE).putLong(88, 1 << 20);
    file.putLong(96, PAGES * PAGE).putLong(104, PAGES * PAGE);
    Random random = new Random(1);
    for (int page = 0; page < PAGES; page += 3) {
      byte[] content = new byte[page % 2 == 0 ? 300 : PAGE];
      random.nextBytes(content);
      file.put(PAGE + page * PAGE, content);
    }
    return file.array();
  }

  @Test
  void aSealedDumpComesOutWithItsKeyAndOnlyWithIt() throws Exception {
    Path wake = folder.resolve("wake-key");
    Path machine = folder.resolve("machine-key");
    good("key", "create", "--key-file", wake, "--machine-file", machine);
    good("image", "create", "--from", dump, "--to", image, "--key", machine);
    assertThat(good("image", "info", image).out).contains("sealed    with ");

    Path exported = folder.resolve("exported");
    for (Object[] words :
        new Object[][] {
          {"image", "verify", image},
          {"image", "export", image, "--to", exported},
          {"image", "draw", image, "--out", folder.resolve("a.png")},
          {"image", "diff", dump, image},
          {"image", "create", "--from", image, "--to", exported}
        }) {
      assertThat(bad(ExitCode.UNAVAILABLE, words).err).contains("is sealed for key", "--key");
    }
    assertThat(exported).doesNotExist();

    good("image", "verify", image, "--key", wake);
    good("image", "export", image, "--key", wake, "--format", "elf", "--to", exported);
    good("image", "draw", image, "--key", wake, "--out", folder.resolve("a.png"));
    good("image", "diff", dump, exported);
    good("image", "diff", dump, image, "--key", wake);
    Path open = folder.resolve("open");
    good("image", "create", "--from", image, "--from-key", wake, "--to", open);
    assertThat(good("image", "info", open).out).contains("sealed    no");
    good("image", "diff", image, open, "--key", wake);
  }

  @Test
  void eachOfTwoSealedImagesHasItsKey() {
    Path other = folder.resolve("other");
    for (Path to : List.of(image, other)) {
      Path machine = folder.resolve(to.getFileName() + "-machine");
      good("key", "create", "--key-file", to + "-key", "--machine-file", machine);
      good("image", "create", "--from", dump, "--to", to, "--key", machine);
    }
    good("image", "diff", image, other, "--key", image + "-key", "--key", other + "-key");
    assertThat(
            bad(ExitCode.UNAVAILABLE, "image", "diff", image, other, "--key", image + "-key").err)
        .contains("other is sealed for key", "image-key");
  }

  @Test
  void aKeyThatIsNotThereIsNotLeftOut() {
    Path none = folder.resolve("none");
    assertThat(
            bad(
                    ExitCode.UNAVAILABLE,
                    "image",
                    "create",
                    "--from",
                    dump,
                    "--to",
                    image,
                    "--key",
                    none)
                .err)
        .contains("there is no key", "Nothing was written");
    assertThat(image).doesNotExist();
  }

  @Test
  void forProgramsThereIsOneObjectAndNothingElse() throws Exception {
    assertThat(json("image", "create", "--from", dump, "--to", image))
        .contains("\"image\": \"", "\"sealed\": false", "\"saved_pages\": 200", "\"seconds\": ");
    assertThat(json("image", "info", image))
        .contains("\"state\": \"DUMP\"", "\"zero_pages\": 400", "\"ram_pages\": 600");
    assertThat(json("image", "verify", image)).contains("\"good\": true", "\"read_bytes\": ");
    assertThat(json("image", "export", image, "--to", folder.resolve("kdump")))
        .contains("\"format\": \"kdump\"", "\"exported_pages\": 600", "\"file_bytes\": ");
    assertThat(json("image", "draw", image, "--out", folder.resolve("a.svg")))
        .contains("_pages\":");
    assertThat(json("image", "diff", dump, image)).contains("\"total\": {", "\"same_pages\": 600");
    Path imported = folder.resolve("imported");
    assertThat(json("image", "import", "--from", folder.resolve("kdump"), "--to", imported))
        .contains("\"saved_pages\": 200");
    assertThat(json("image", "discard", image)).contains("\"state\": \"EMPTY\"");
  }

  private static String json(Object... words) {
    Object[] more = Arrays.copyOf(words, words.length + 1);
    more[words.length] = "--json";
    String out = good(more).out;
    assertThat(out).startsWith("{\n").endsWith("\n}\n");
    return out;
  }

  @Test
  void aProgramIsToldWhatIsWrongWithAnImage() throws Exception {
    good("image", "create", "--from", dump, "--to", image, "--codec", "none");
    byte[] bytes = Files.readAllBytes(image);
    bytes[(1 << 20) + 5] ^= 1;
    Files.write(image, bytes);
    Result result = run("image", "verify", image, "--json");
    assertThat(result.status).isEqualTo(ExitCode.NO);
    assertThat(result.out).contains("\"good\": false", "\"damage\": \"CHUNK_DAMAGED\"", "\"why\":");
    assertThat(result.err).contains("The store was not changed.");
  }

  @Test
  void anExistingFileIsNotExportedOver() throws Exception {
    Path there = Files.writeString(folder.resolve("there"), "mine");
    assertThat(bad(ExitCode.UNAVAILABLE, "image", "export", dump, "--to", there).err)
        .contains("there exists already", "Nothing was written", "Name another file");
    assertThat(there).hasContent("mine");
  }

  @Test
  void aDumpThatCannotBeReadToItsEndLeavesNothing() throws Exception {
    Path kdump = folder.resolve("kdump");
    good("image", "export", dump, "--to", kdump, "--compression", "zlib");
    byte[] bytes = Files.readAllBytes(kdump);
    // Headers, bitmaps and descriptors are at the beginning.
    Arrays.fill(bytes, bytes.length / 2, bytes.length, (byte) 0x55);
    Files.write(kdump, bytes);
    assertThat(bad(ExitCode.IO, "image", "create", "--from", kdump, "--to", image).err)
        .contains("cannot read all of the dump", "has been removed", "Get a whole copy");
    assertThat(image).doesNotExist();
    Path exported = folder.resolve("exported");
    assertThat(bad(ExitCode.IO, "image", "export", kdump, "--to", exported).err)
        .contains("is damaged", "files are as they were", "Get a whole copy");
    assertThat(exported).doesNotExist();
  }

  @Test
  void aDumpIsReplacedOnlyByWhoeverSaysSo() throws Exception {
    good("image", "create", "--from", dump, "--to", image);
    byte[] before = Files.readAllBytes(image);
    assertThat(bad(ExitCode.UNAVAILABLE, "image", "create", "--from", dump, "--to", image).err)
        .contains("holds a dump", "Nothing was written", "image discard", "--replace");
    assertThat(image).hasBinaryContent(before);
    good("image", "create", "--from", dump, "--to", image, "--replace");
    assertThat(Files.readAllBytes(image)).isNotEqualTo(before);
    good("image", "discard", image);
    good("image", "create", "--from", dump, "--to", image);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no disk"})
  void anImageThatCanBeWokenIsNeverReplaced(String refusal) throws Exception {
    sleepInto(image, refusal);
    byte[] before = Files.readAllBytes(image);
    for (String flag : new String[] {"--threads=1", "--replace"}) {
      assertThat(
              bad(ExitCode.UNAVAILABLE, "image", "create", "--from", dump, "--to", image, flag).err)
          .contains("holds an image that", "Nothing was written", "image discard");
    }
    assertThat(image).hasBinaryContent(before);
  }

  @Test
  void aScriptIsToldInAWordWhetherAnImageWaits() throws Exception {
    assertThat(good("store", "state", image).out).isEqualTo("none\n");
    Files.write(image, new byte[8192]);
    assertThat(good("store", "state", image).out).isEqualTo("none\n");
    Files.delete(image);
    sleepInto(image, "");
    assertThat(good("store", "state", image).out).isEqualTo("COMPLETE\n");
    Files.delete(image);
    sleepInto(image, "no disk");
    assertThat(good("store", "state", image).out).isEqualTo("REFUSED\n");
    good("image", "discard", image);
    assertThat(good("store", "state", image).out).isEqualTo("EMPTY\n");
    assertThat(run("store", "state", folder).status).isNotZero();
  }

  /** What a sleep leaves, without a page. */
  private static void sleepInto(Path path, String refusal) throws Exception {
    SaverFiles files = SaverFiles.plan(PAGE, "a".repeat(64), PAGE, "b".repeat(64));
    WakeDescription wake =
        new WakeDescription(
            new PageRange(0x1000, 0x8000), new PageRange(1, 2), 4, 0, files, "console=ttyS0");
    ImageDescription description =
        new ImageDescription(Instant.EPOCH, "6.1", "", 1000, "/dev/vdb", Optional.of(wake));
    try (BlockStore store = BlockStore.create(path, 4 << 20)) {
      ImageHeader claimed = Image.claim(store, WAKES, description);
      try (ImageWriter writer =
          ImageWriter.begin(store, claimed, PipelineSize.of(1), new ImageProgress())) {
        writer.finish(0x1000, 0, "");
      }
      if (!refusal.isEmpty()) {
        Image.refuse(store, WAKES, refusal);
      }
    }
  }
}
