package org.dormouse.lab.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.dormouse.lab.qemu.BootEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectBootLoaderTest {
  private static final int MIB = 1 << 20;
  private static final byte[] KERNEL = "the kernel".getBytes(StandardCharsets.UTF_8);
  private static final byte[] INITRAMFS = "the initramfs".getBytes(StandardCharsets.UTF_8);
  private static final String COMMAND_LINE = "mem=144M memmap=15M$1M dormouse.restore=a=b";

  @TempDir private Path folder;

  private static String digest(byte[] content) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }

  private static String description() throws Exception {
    return """
        created=2026-01-01T00:00:00Z
        saver_kernel=%d %d %s
        saver_initramfs=%d %d %s
        command_line=%s
        """
        .formatted(
            MIB,
            KERNEL.length,
            digest(KERNEL),
            2 * MIB,
            INITRAMFS.length,
            digest(INITRAMFS),
            COMMAND_LINE);
  }

  private static byte[] block(String sector0, String description) {
    byte[] block = new byte[4096];
    Arrays.fill(block, (byte) '\n');
    put(block, 0, sector0.getBytes(StandardCharsets.UTF_8));
    put(block, 512, description.getBytes(StandardCharsets.UTF_8));
    return block;
  }

  private static void put(byte[] target, int at, byte[] bytes) {
    System.arraycopy(bytes, 0, target, at, bytes.length);
  }

  private Path store(byte[] kernel) throws Exception {
    byte[] disk = new byte[3 * MIB];
    put(disk, 0, block("DORMOUSE 3\nstate=COMPLETE\ncommand_line=not here\n", description()));
    put(disk, MIB, kernel);
    put(disk, 2 * MIB, INITRAMFS);
    return Files.write(folder.resolve("store"), disk);
  }

  @Test
  void takesKernelInitramfsAndCommandLineOutOfTheStore() throws Exception {
    Path store = store(KERNEL);
    BootEntry entry = DirectBootLoader.of(store).load(store, folder);
    assertThat(entry.kernel()).hasBinaryContent(KERNEL);
    assertThat(entry.initramfs())
        .hasValueSatisfying(f -> assertThat(f).hasBinaryContent(INITRAMFS));
    assertThat(entry.commandLine()).isEqualTo(COMMAND_LINE);
    assertThat(DirectBootLoader.of(store).kernel().offset()).isEqualTo(MIB);
  }

  @Test
  void aDamagedKernelIsNotStarted() throws Exception {
    Path store = store("The kernel".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> DirectBootLoader.of(store).load(store, folder))
        .hasMessageContaining("digest");
  }

  @Test
  void aStoreThatIsCutShort() throws Exception {
    Path store = store(KERNEL);
    Path cut =
        Files.write(folder.resolve("cut"), Arrays.copyOf(Files.readAllBytes(store), MIB + 3));
    assertThatThrownBy(() -> DirectBootLoader.of(cut).load(cut, folder))
        .hasMessageContaining("ends within direct-vmlinuz");
    Path tiny = Files.write(folder.resolve("tiny"), new byte[100]);
    assertThatThrownBy(() -> DirectBootLoader.of(tiny)).hasMessageContaining("no block 0");
  }

  @Test
  void whatIsNoStoreOrSaysTooLittleIsNamed() throws Exception {
    assertThatThrownBy(() -> DirectBootLoader.parse(new byte[4096]))
        .hasMessageContaining("DORMOUSE 3");
    assertThatThrownBy(() -> DirectBootLoader.parse(block("DORMOUSE 3\nstate=EMPTY\n", "")))
        .hasMessageContaining("saver_kernel");
    String odd = description().replaceFirst("saver_initramfs=\\d+", "saver_initramfs=-1");
    assertThatThrownBy(() -> DirectBootLoader.parse(block("DORMOUSE 3\n", odd)))
        .hasMessageContaining("not an offset");
    assertThat(DirectBootLoader.parse(block("DORMOUSE 3\n", description())).commandLine())
        .isEqualTo(COMMAND_LINE);
    assertThat(
            Optional.of(DirectBootLoader.parse(block("DORMOUSE 3\n", description())).initramfs()))
        .hasValueSatisfying(file -> assertThat(file.length()).isEqualTo(INITRAMFS.length));
  }
}
