package org.dormouse.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.dormouse.boot.BareProgram.Placed;
import org.dormouse.memory.PageRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElfExecutableTest {
  private static final String TWO_SECTIONS =
      """
      .globl _start
      .text
      _start: ret
      .data
      .ascii "data"
      .bss
      .skip 9000
      """;

  @TempDir Path folder;

  @Test
  void whatElfProgramWritesIsRead() throws Exception {
    byte[] content = {(byte) 0xc3, 1, 2, 3};
    byte[] file = ElfProgram.write(content, new PageRange(0x1000, 0x1003));
    Placed program = ElfExecutable.read(file, OptionalLong.empty());
    assertThat(program.mode()).isEqualTo(ProcessorMode.LONG);
    assertThat(program.entry()).isEqualTo(0x1000000);
    assertThat(program.pieces()).hasSize(1);
    assertThat(program.pieces().getFirst().pages()).isEqualTo(new PageRange(0x1000, 0x1003));
    assertThat(bytes(program.pieces().getFirst().content())).isEqualTo(content);
    assertThat(ElfExecutable.read(file, OptionalLong.of(0x1000002)).entry()).isEqualTo(0x1000002);
  }

  /** With -N the linker puts code and data into one page. */
  @Test
  void whatTheLinkerMakesIsRead() throws Exception {
    byte[] wide = linked("--64", "elf_x86_64", "-N", "-Ttext=0x2000010");
    Placed program = ElfExecutable.read(wide, OptionalLong.empty());
    assertThat(program.mode()).isEqualTo(ProcessorMode.LONG);
    assertThat(program.entry()).isEqualTo(0x2000010);
    assertThat(program.pieces().getFirst().pages()).isEqualTo(new PageRange(0x2000, 0x2003));
    byte[] content = bytes(program.pieces().getFirst().content());
    assertThat(content[0x10]).isEqualTo((byte) 0xc3);
    assertThat(new String(content, StandardCharsets.ISO_8859_1)).endsWith("data");

    byte[] narrow = linked("--32", "elf_i386", "-Ttext=0x3000000", "-Tdata=0x3400000");
    Placed small = ElfExecutable.read(narrow, OptionalLong.empty());
    assertThat(small.mode()).isEqualTo(ProcessorMode.PROTECTED);
    assertThat(small.entry()).isEqualTo(0x3000000);
    assertThat(small.pieces())
        .extracting(Placed.Piece::pages)
        .contains(new PageRange(0x3000, 0x3001))
        .anyMatch(pages -> pages.start() == 0x3400);
  }

  @Test
  void whatWouldHaveToBeLinkedDynamicallyIsRefused() throws Exception {
    byte[] file = linked("--64", "elf_x86_64", "-pie", "--no-dynamic-linker");
    assertThatThrownBy(() -> ElfExecutable.read(file, OptionalLong.empty()))
        .isInstanceOf(BootFormatException.class)
        .hasMessageContaining("-static -no-pie");
  }

  @Test
  void anEntryOutsideAndAnotherProcessorAreRefused() {
    byte[] file = ElfProgram.write(new byte[] {1}, new PageRange(0x1000, 0x1001));
    assertThatThrownBy(() -> ElfExecutable.read(file, OptionalLong.of(0x1001000)))
        .hasMessageContaining("entry 0x1001000");
    byte[] other = file.clone();
    other[18] = (byte) 183; // EM_AARCH64
    assertThatThrownBy(() -> ElfExecutable.read(other, OptionalLong.empty()))
        .hasMessageContaining("another kind of processor");
  }

  @Property(tries = 3000)
  void anyBytesAreReadOrRefused(
      @ForAll @IntRange(max = 119) int at, @ForAll byte value, @ForAll @IntRange(max = 200) int cut)
      throws Exception {
    byte[] file = ElfProgram.write(new byte[] {1}, new PageRange(0x1000, 0x1001));
    file[at] = value;
    byte[] bytes = cut < 150 ? file : Arrays.copyOf(file, cut);
    try {
      Placed program = ElfExecutable.read(bytes, OptionalLong.empty());
      assertThat(program.pieces()).isNotEmpty();
    } catch (BootFormatException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  private byte[] linked(String width, String format, String... options) throws Exception {
    Path source = Files.writeString(folder.resolve("program.S"), TWO_SECTIONS);
    Path object = folder.resolve("program.o");
    Path program = folder.resolve("program");
    run("as", width, "-o", object.toString(), source.toString());
    String[] link = {"ld", "-m", format, "-o", program.toString(), object.toString()};
    String[] all = Arrays.copyOf(link, link.length + options.length);
    System.arraycopy(options, 0, all, link.length, options.length);
    run(all);
    return Files.readAllBytes(program);
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  private static byte[] bytes(MemorySegment memory) {
    return memory.toArray(ValueLayout.JAVA_BYTE);
  }
}
