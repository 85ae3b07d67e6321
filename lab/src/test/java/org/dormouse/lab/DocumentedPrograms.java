package org.dormouse.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.dormouse.example.CallCode;
import org.dormouse.initramfs.Folders;
import org.dormouse.lab.guest.HostCommand;

/**
 * The programs of {@code docs/physical-mode.md}, built as it says there, and some that nobody
 * should take for an example; with what goes in and what has to come out.
 */
record DocumentedPrograms(Path folder) {
  private static final Path DOCUMENT = Path.of("../docs/physical-mode.md");

  /** A block of code, whose first line is a comment: the file's name, and what builds it. */
  private static final Pattern BLOCK =
      Pattern.compile("(?s)```(?:asm|c)\\n(/\\* (\\S+): (.*?) \\*/\\n.*?)```");

  /** The address of the text screen of a VGA. */
  private static final long SCREEN = 0xb8000;

  /** How each bad example is built. */
  private static final String ASSEMBLE =
      "as --64 -o %1$s.o %1$s.S && objcopy -O binary -j .text %1$s.o %1$s";

  private static final Map<String, String> BAD =
      Map.of(
          "stray", "mov $0x3000000, %eax\nmovl $42, (%rax)\nret\n",
          "nostack", "xor %esp, %esp\npush %rax\nret\n",
          "undefined", "ud2\n");

  /** Sources by the names of their files. */
  static Map<String, String> fromTheDocument() throws Exception {
    Map<String, String> sources = new LinkedHashMap<>();
    BLOCK
        .matcher(Files.readString(DOCUMENT))
        .results()
        .forEach(block -> sources.put(block.group(2), block.group(1)));
    assertThat(sources).hasSizeGreaterThan(5);
    return sources;
  }

  /** A disk whose content is an archive with all of it. */
  Path disk() throws Exception {
    Path tree = Files.createTempDirectory(folder, "programs");
    try {
      fill(tree);
      Path disk = folder.resolve("programs.img");
      HostCommand.check(List.of("tar", "cf", disk.toString(), "-C", tree.toString(), "."));
      return disk;
    } finally {
      Folders.delete(tree);
    }
  }

  private static void fill(Path tree) throws Exception {
    for (Map.Entry<String, String> source : fromTheDocument().entrySet()) {
      Files.writeString(tree.resolve(source.getKey()), source.getValue());
      var block = BLOCK.matcher("```asm\n" + source.getValue() + "```");
      assertThat(block.matches()).isTrue();
      build(tree, block.group(3));
    }
    for (Map.Entry<String, String> source : BAD.entrySet()) {
      Files.writeString(tree.resolve(source.getKey() + ".S"), source.getValue());
      build(tree, ASSEMBLE.formatted(source.getKey()));
    }
    Files.writeString(tree.resolve("faraway.S"), ".globl _start\n_start: ret\n");
    build(tree, "as --64 -o faraway.o faraway.S && ld -Ttext=0x7f00000000 -o faraway faraway.o");
    data(tree);
    example(tree);
  }

  private static void build(Path tree, String command) throws Exception {
    HostCommand.check(List.of("sh", "-c", "cd '" + tree + "' && " + command));
  }

  private static void data(Path tree) throws Exception {
    byte[] data = new byte[5000];
    new Random(23).nextBytes(data);
    byte[] back = new byte[data.length];
    long sum = 0;
    for (int i = 0; i < data.length; i++) {
      sum += data[i] & 0xff;
      back[data.length - 1 - i] = data[i];
    }
    Files.write(tree.resolve("data"), data);
    Files.write(tree.resolve("sum.expected"), word(sum));
    Files.write(tree.resolve("back.expected"), back);
    // PE, MP, ET, NE; not PG.
    Files.write(tree.resolve("cr0.expected"), new byte[] {0x33, 0, 0, 0});
    Files.write(tree.resolve("screen.at"), word(SCREEN));
    Files.write(tree.resolve("big"), new byte[70_000]);
  }

  private static byte[] word(long value) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  /** The compiled program of docs/library.md. */
  private static void example(Path tree) throws Exception {
    String name = CallCode.class.getName().replace('.', '/') + ".class";
    Path file = tree.resolve(name);
    Files.createDirectories(file.getParent());
    try (InputStream in = CallCode.class.getClassLoader().getResourceAsStream(name)) {
      Files.write(file, in.readAllBytes());
    }
    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).contains("CallCode");
  }
}
