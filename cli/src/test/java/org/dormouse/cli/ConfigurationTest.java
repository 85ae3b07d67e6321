package org.dormouse.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.dormouse.image.CodecChoice;
import org.dormouse.protocol.Then;
import org.dormouse.text.ReportException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationTest {
  private static final Path FILE = Path.of("/etc/dormouse.conf");

  @TempDir Path folder;

  private static Configuration parse(String text) throws ReportException {
    return Configuration.parse(text, FILE);
  }

  @Test
  void eachKeyIsRead() throws Exception {
    Configuration configuration =
        parse(
            """
            # a comment
            store = /dev/disk/by-id/x#1 = y

              image-size=2G
            codec = zstd:3
            then = Suspend
            timeout = 60
            key = /root/key
            initramfs = yes
            arm = yes
            direct = yes
            """);
    assertThat(configuration.store()).contains("/dev/disk/by-id/x#1 = y");
    assertThat(configuration.imageSize()).contains(2L << 30);
    assertThat(configuration.codec().map(CodecChoice::text)).contains("zstd:3");
    assertThat(configuration.then()).isEqualTo(Then.SUSPEND);
    assertThat(configuration.timeout()).contains(Duration.ofMinutes(1));
    assertThat(configuration.keyFile()).isEqualTo(Path.of("/root/key"));
    assertThat(configuration.initramfs()).isEqualTo(Configuration.SystemInitramfs.WAKES);
    assertThat(configuration.arm()).isEqualTo(Configuration.Arming.AT_EACH_BOOT);
    assertThat(configuration.direct()).isEqualTo(Configuration.NextBoot.DIRECT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "stor = /dev/x | there is no key 'stor'; there are store, image-size",
        "store /dev/x | 'store /dev/x' is not of the form key = value",
        "store = | store has no value",
        "store = vda | store takes a path that begins with /, not vda",
        "image-size = 0M | '0M' is not a size like 512M or 3G",
        "codec = gzip | 'gzip' is not none, lz4, zstd or zstd:LEVEL",
        "codec = zstd:99 | 99",
        "then = fly | 'fly' is not what can become of a machine",
        "timeout = 0 | timeout takes a number of seconds, 1 or more, or none, not 0",
        "timeout = 1m | timeout takes a number of seconds",
        "timeout = 99999999999 | timeout takes a number of seconds",
        "saver-kernel = slim | saver-kernel takes a path that begins with /, not slim",
        "key = key | key takes a path that begins with /, not key",
        "initramfs = maybe | initramfs takes yes or no, not maybe",
        "arm = 1 | arm takes yes or no, not 1",
        "direct = true | direct takes yes or no, not true",
        "Store = /dev/x | there is no key 'Store'",
      })
  void whatIsWrongIsToldWithFileAndLine(String line, String told) {
    assertThatThrownBy(() -> parse("# first\n\n" + line + "\n# last\n"))
        .isInstanceOf(ReportException.class)
        .hasMessageStartingWith("/etc/dormouse.conf, line 3: ")
        .hasMessageContaining(told);
  }

  @Test
  void aKeyIsSetOnce() {
    assertThatThrownBy(() -> parse("then = reboot\n\nthen = return\n"))
        .hasMessage("/etc/dormouse.conf, line 3: then is set already, in line 1");
  }

  @Test
  void withoutAFileAllIsAsByDefault() throws Exception {
    assertThat(ConfigurationFile.read(folder.resolve("none"))).isEqualTo(Configuration.DEFAULTS);
  }

  @Test
  void aFileThatIsNoTextIsToldOf() throws Exception {
    Path file = Files.write(folder.resolve("conf"), new byte[] {'#', (byte) 0xff, '\n'});
    assertThatThrownBy(() -> ConfigurationFile.read(file))
        .isInstanceOf(ReportException.class)
        .hasMessageContaining("is not a text in UTF-8");
  }

  @Test
  void aKeyThatIsNamedHasToBeThere() throws IOException {
    Configuration named = parse("key = " + folder.resolve("absent") + "\n");
    assertThatThrownBy(() -> ConfigurationFile.machineKey(named))
        .isInstanceOf(ReportException.class)
        .hasMessageContaining("absent");
  }

  @Property
  void whatIsWrittenIsRead(@ForAll("configurations") Configuration configuration)
      throws ReportException {
    assertThat(parse(written(configuration))).isEqualTo(configuration);
  }

  /** Whatever is in the file: it is read, or the error is one line that a console may print. */
  @Property
  void anyTextIsReadOrToldOf(@ForAll("texts") String text) {
    try {
      parse(text);
    } catch (ReportException e) {
      assertThat(e.getMessage()).matches("/etc/dormouse\\.conf, line \\d+: [^\\p{Cc}]{1,200}");
    }
  }

  private static String written(Configuration configuration) {
    return String.join(
        "\n",
        configuration.store().map(store -> "store = " + store).orElse("# no store"),
        "image-size = "
            + configuration.imageSize().map(bytes -> (bytes >> 20) + "M").orElse("none"),
        "codec = " + configuration.codec().map(CodecChoice::text).orElse("auto"),
        "then = " + configuration.then().word(),
        "timeout = "
            + configuration.timeout().map(time -> String.valueOf(time.toSeconds())).orElse("none"),
        configuration
            .saverKernel()
            .map(kernel -> "saver-kernel=" + kernel)
            .orElse("saver-kernel=own"),
        configuration.key().map(key -> "key=" + key).orElse(""),
        "initramfs = "
            + (configuration.initramfs() == Configuration.SystemInitramfs.WAKES ? "yes" : "no"),
        "arm = " + (configuration.arm() == Configuration.Arming.AT_EACH_BOOT ? "yes" : "no"),
        "direct = " + (configuration.direct() == Configuration.NextBoot.DIRECT ? "yes" : "no"));
  }

  @Provide
  Arbitrary<Configuration> configurations() {
    Arbitrary<String> paths =
        Arbitraries.strings()
            .alpha()
            .numeric()
            .withChars("-=#")
            .ofMinLength(1)
            .map(n -> "/dev/" + n);
    return Combinators.combine(
            paths.optional(),
            Arbitraries.longs().between(1, 999_999).map(mib -> mib << 20).optional(),
            Arbitraries.of("none", "lz4", "zstd:1", "zstd:7").map(CodecChoice::parse).optional(),
            Arbitraries.of(Then.class),
            Arbitraries.integers()
                .between(1, 999_999_999)
                .map(seconds -> Duration.ofSeconds(seconds))
                .optional(),
            Combinators.combine(paths.map(Path::of).optional(), paths.map(Path::of).optional())
                .as(Tuple::of),
            Combinators.combine(
                    Arbitraries.of(Configuration.SystemInitramfs.class),
                    Arbitraries.of(Configuration.Arming.class),
                    Arbitraries.of(Configuration.NextBoot.class))
                .as(Tuple::of))
        .as(
            (store, size, codec, then, timeout, files, boots) ->
                new Configuration(
                    store,
                    size,
                    codec,
                    then,
                    timeout,
                    files.get1(),
                    files.get2(),
                    boots.get1(),
                    boots.get2(),
                    boots.get3()));
  }

  @Provide
  Arbitrary<String> texts() {
    Arbitrary<String> keys =
        Arbitraries.of(
            "store",
            "image-size",
            "codec",
            "then",
            "timeout",
            "saver-kernel",
            "key",
            "initramfs",
            "arm",
            "direct",
            "#",
            "");
    Arbitrary<String> lines =
        Combinators.combine(keys, Arbitraries.of("=", " = ", " "), Arbitraries.strings())
            .as((key, between, value) -> key + between + value);
    return lines
        .list()
        .ofMaxSize(5)
        .map((List<String> all) -> all.stream().collect(Collectors.joining("\n")));
  }

  @Test
  void defaultsNameNothing() {
    assertThat(Configuration.DEFAULTS.store()).isEqualTo(Optional.empty());
    assertThat(Configuration.DEFAULTS.keyFile()).isEqualTo(Path.of("/etc/dormouse/key"));
  }
}
