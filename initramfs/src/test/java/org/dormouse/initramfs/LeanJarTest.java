package org.dormouse.initramfs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeanJarTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "io/airlift/compress/v3/Compressor.class",
        "io/airlift/compress/v3/lz4/Lz4Native.class",
        "org/dormouse/agent/Main.class",
        "org/bouncycastle/crypto/generators/Argon2BytesGenerator$Block.class",
        "org/bouncycastle/crypto/digests/Blake2bDigest.class",
        "META-INF/MANIFEST.MF"
      })
  void keeps(String name) {
    assertThat(LeanJar.isWanted(name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "aircompressor/linux-amd64/liblz4.so",
        "aircompressor/linux-amd64/libsnappy.so",
        "aircompressor/linux-aarch64/liblz4.so",
        "aircompressor/macos-amd64/liblz4.dylib",
        "io/airlift/compress/v3/snappy/SnappyCodec.class",
        "io/airlift/compress/v3/lz4/Lz4HadoopStreams.class",
        "org/bouncycastle/crypto/generators/SCrypt.class",
        "org/bouncycastle/pqc/crypto/lms/LMS.class",
        "META-INF/BC2048KE.SF",
        "META-INF/versions/11/org/bouncycastle/asn1/ASN1BitString.class",
        "META-INF/maven/a/pom.xml"
      })
  void dropsWhatNoProgramReadsFromItsJars(String name) {
    assertThat(LeanJar.isWanted(name)).isFalse();
  }

  @Test
  void takesTheLibrariesThatAreUsedOutOfTheJar() throws IOException {
    Path source =
        Jars.write(
            folder.resolve("a.jar"),
            Map.of(
                "aircompressor/linux-amd64/liblz4.so", new byte[] {1},
                "aircompressor/linux-aarch64/liblz4.so", new byte[] {2},
                "aircompressor/linux-amd64/libbz2.so", new byte[] {3}));
    Path libraries = Files.createDirectory(folder.resolve("lib"));
    LeanJar.copyLibraries(source, libraries);
    assertThat(libraries).isDirectoryContaining("glob:**/liblz4.so");
    assertThat(libraries.resolve("liblz4.so")).hasBinaryContent(new byte[] {1});
    assertThat(libraries.resolve("libbz2.so")).doesNotExist();
  }

  @Test
  void aManifestKeepsWhatItSaysOfTheWhole() throws IOException {
    String whole = "Manifest-Version: 1.0\r\nMulti-Release: true\r\n\r\n";
    String digests = "Name: a/B.class\r\nSHA-256-Digest: x\r\n\r\n";
    Path source =
        Jars.write(
            folder.resolve("signed.jar"),
            Map.of("META-INF/MANIFEST.MF", (whole + digests).getBytes(UTF_8)));
    Path target = folder.resolve("unsigned.jar");
    LeanJar.copy(source, target);
    try (ZipFile jar = new ZipFile(target.toFile())) {
      ZipEntry entry = jar.getEntry("META-INF/MANIFEST.MF");
      assertThat(jar.getInputStream(entry).readAllBytes()).asString(UTF_8).isEqualTo(whole);
    }
  }

  @Test
  void copiesWhatItKeeps() throws IOException {
    byte[] content = {1, 2, 3};
    Path source =
        Jars.write(
            folder.resolve("a.jar"),
            Map.of("b.txt", content, "aircompressor/macos-amd64/x", content));
    Path target = folder.resolve("b.jar");
    LeanJar.copy(source, target);
    try (ZipFile jar = new ZipFile(target.toFile())) {
      assertThat(jar.stream().map(ZipEntry::getName)).containsExactly("b.txt");
      ZipEntry entry = jar.getEntry("b.txt");
      assertThat(jar.getInputStream(entry).readAllBytes()).isEqualTo(content);
    }
  }
}
