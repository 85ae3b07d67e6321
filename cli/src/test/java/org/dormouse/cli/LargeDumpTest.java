package org.dormouse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A dump of a large machine takes no more memory than that of a small one, but for bitmaps. */
class LargeDumpTest {
  private static final long MEMORY = 64L << 30;
  private static final int HEADERS = 4096;
  private static final long MOST_KIB = 256 << 10;

  /** Where there is data, 16 MiB each time; all else is a hole. */
  private static final long[] DATA = {0, 5L << 30, (33L << 30) + 4096, MEMORY - (16 << 20)};

  @TempDir Path folder;

  /** Does what the command does, and says how much memory was resident at most. */
  static final class Measured {
    public static void main(String[] arguments) throws IOException {
      int code = Main.commandLine(arguments).execute(arguments);
      Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .forEach(System.out::println);
      System.exit(code);
    }
  }

  @Test
  void sixtyFourGibibytesAreMadeAnImageInAQuarterOfOne() throws Exception {
    Path dump = dump();
    Path image = folder.resolve("image");
    String created = run("image", "create", "--from", dump.toString(), "--to", image.toString());
    assertThat(created).contains("64 MiB saved in").contains("64 GiB zero");
    assertThat(residentKib(created)).isLessThan(MOST_KIB);
    assertThat(Files.size(image)).isBetween(64L << 20, 100L << 20);
    String verified = run("image", "verify", image.toString());
    assertThat(verified).contains("good: ");
    assertThat(residentKib(verified)).isLessThan(MOST_KIB);
  }

  private Path dump() throws IOException {
    Path path = folder.resolve("dump");
    Random random = new Random(1);
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(HEADERS + MEMORY);
      file.write(headers());
      byte[] data = new byte[16 << 20];
      for (long at : DATA) {
        random.nextBytes(data);
        file.seek(HEADERS + at);
        file.write(data);
      }
    }
    return path;
  }

  /** An ELF core with one load: System V ABI, "Object Files". */
  private static byte[] headers() {
    ByteBuffer header = ByteBuffer.allocate(HEADERS).order(ByteOrder.LITTLE_ENDIAN);
    header.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
    header.putShort(16, (short) 4).putShort(18, (short) 62).putInt(20, 1).putLong(32, 64);
    header.putShort(52, (short) 64).putShort(54, (short) 56).putShort(56, (short) 1);
    header.putInt(64, 1).putInt(68, 7).putLong(72, HEADERS);
    header.putLong(96, MEMORY).putLong(104, MEMORY);
    return header.array();
  }

  private static long residentKib(String printed) {
    Matcher line = Pattern.compile("VmHWM:\\s+(\\d+) kB").matcher(printed);
    assertThat(line.find()).as(printed).isTrue();
    return Long.parseLong(line.group(1));
  }

  private static String run(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Measured.class.getName()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(printed).isZero();
    return printed;
  }
}
