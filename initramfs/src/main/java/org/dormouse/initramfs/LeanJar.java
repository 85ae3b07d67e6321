package org.dormouse.initramfs;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Copies a jar without what this kind of machine cannot use, and the same bytes each time.
 *
 * <p>aircompressor carries native libraries for six platforms and a dozen formats: of 2 MB, 1 MB is
 * needed, and those go beside the jars: see {@link #copyLibraries}.
 */
final class LeanJar {

  private static final Pattern NATIVE_LIBRARY = Pattern.compile("aircompressor/.*");
  private static final Pattern USED_LIBRARY =
      Pattern.compile("aircompressor/linux-amd64/(lib(lz4|xxhash|zstd)\\.so)");
  // Formats that are not used, and each format's adapters for Hadoop.
  private static final Pattern UNUSED_FORMAT =
      Pattern.compile(
          "io/airlift/compress/v3/((bzip2|deflate|gzip|hadoop|lzo|snappy)/|.*Hadoop|.*Codec).*");
  // Of Bouncy Castle only Argon2id is used, and the few classes that it stands on.
  private static final Pattern UNUSED_CRYPTOGRAPHY =
      Pattern.compile(
          "(org/bouncycastle/(?!(crypto/generators/Argon2|crypto/params/(Argon2|DH|DSA|AsymmetricKey|KeyGen)"
              + "|crypto/digests/(Blake2bDigest|Utils)|crypto/[^/]*\\.class"
              + "|asn1/(ASN1Encodable|ASN1Object|x9/X9(ECParameters|ObjectIdentifiers))\\.class"
              + "|util/[^/]*\\.class|util/encoders/)).*)|META-INF/versions/.*");
  // A jar that was changed is not signed any more; and an AOT cache takes no class of a signed one.
  private static final Pattern SIGNATURE = Pattern.compile("META-INF/[^/]*\\.(SF|DSA|RSA|EC)");
  private static final String MANIFEST = "META-INF/MANIFEST.MF";
  private static final Pattern SECTION_END = Pattern.compile("\r?\n\r?\n");
  private static final Pattern BUILD_TRACE = Pattern.compile("META-INF/maven/.*");

  private LeanJar() {}

  static void copy(Path source, Path target) throws IOException {
    try (ZipFile from = new ZipFile(source.toFile());
        URLClassLoader classes = new URLClassLoader(new URL[] {source.toUri().toURL()});
        OutputStream out = Files.newOutputStream(target);
        ZipOutputStream to = new ZipOutputStream(out)) {
      for (ZipEntry entry : wanted(from)) {
        ZipEntry copy = new ZipEntry(entry.getName());
        copy.setLastModifiedTime(Folders.TIME);
        to.putNextEntry(copy);
        try (InputStream in = from.getInputStream(entry)) {
          to.write(content(entry, in.readAllBytes(), classes));
        }
        to.closeEntry();
      }
    }
  }

  private static byte[] content(ZipEntry entry, byte[] bytes, ClassLoader classes) {
    if (entry.getName().equals(MANIFEST)) {
      return mainSection(bytes);
    }
    return entry.getName().endsWith(".class") && ModernClass.isOld(bytes)
        ? ModernClass.of(bytes, classes)
        : bytes;
  }

  /**
   * A manifest without what it says of single entries: of a signed jar that is a digest of each,
   * and most of the jar.
   */
  private static byte[] mainSection(byte[] manifest) {
    String text = new String(manifest, StandardCharsets.UTF_8);
    Matcher end = SECTION_END.matcher(text);
    return end.find() ? text.substring(0, end.end()).getBytes(StandardCharsets.UTF_8) : manifest;
  }

  /** Copies the native libraries in a jar that Dormouse's programs use into a folder. */
  static void copyLibraries(Path jar, Path folder) throws IOException {
    try (ZipFile from = new ZipFile(jar.toFile())) {
      for (ZipEntry entry : from.stream().toList()) {
        Matcher library = USED_LIBRARY.matcher(entry.getName());
        if (library.matches()) {
          try (InputStream in = from.getInputStream(entry)) {
            Files.copy(in, folder.resolve(library.group(1)), StandardCopyOption.REPLACE_EXISTING);
          }
        }
      }
    }
  }

  private static List<? extends ZipEntry> wanted(ZipFile jar) {
    return jar.stream()
        .filter(entry -> !entry.isDirectory() && isWanted(entry.getName()))
        .sorted(Comparator.comparing(ZipEntry::getName))
        .toList();
  }

  static boolean isWanted(String name) {
    return !NATIVE_LIBRARY.matcher(name).matches()
        && !UNUSED_FORMAT.matcher(name).matches()
        && !UNUSED_CRYPTOGRAPHY.matcher(name).matches()
        && !SIGNATURE.matcher(name).matches()
        && !BUILD_TRACE.matcher(name).matches();
  }
}
