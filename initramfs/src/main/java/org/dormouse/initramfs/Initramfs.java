package org.dormouse.initramfs;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.dormouse.codec.Codec;
import org.dormouse.codec.Zstd;

/**
 * An initramfs, ready to be written: {@code /init}, a static busybox, kexec-tools, the C library,
 * and what its purpose needs.
 *
 * @param content what it is for
 * @param extras other files
 * @param modules files of kernel modules that the saver loads, in this order
 */
public record Initramfs(Content content, List<ExtraFile> extras, List<Path> modules) {

  /** Where Debian's {@code busybox-static} puts it. */
  public static final Path DEBIAN_BUSYBOX = Path.of("/bin/busybox");

  /** Where Debian's {@code kexec-tools} puts it. */
  public static final Path DEBIAN_KEXEC = Path.of("/usr/sbin/kexec");

  /** What an initramfs is for. */
  public sealed interface Content {}

  /**
   * The saver: one program of a software tree at {@link SoftwareTree#HOME}.
   *
   * @param software the tree that has the program
   * @param program the one to run
   */
  public record Saver(SoftwareTree software, Program program) implements Content {}

  /** An ordinary boot that wakes a machine which sleeps: shell scripts, no Java. */
  public record Boot() implements Content {}

  private static final FileAttribute<?> READABLE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--"));

  // While the kernel unpacks, it needs the packed file, the unpacked ones and zstd's window. Their
  // sum
  // is smallest here: level 19 packs 2 MB better, but has a window of 8 MiB instead of 2, and takes
  // half a minute instead of half a second. The level makes no difference to the time of unpacking.
  private static final int LEVEL = 6;

  public Initramfs {
    extras = List.copyOf(extras);
    modules = List.copyOf(modules);
  }

  /** What the saver's kernel starts with. */
  public static Initramfs saver(SoftwareTree software, Program program) {
    return new Initramfs(new Saver(software, program), List.of(), List.of());
  }

  /** What an ordinary boot starts with. */
  public static Initramfs boot() {
    return new Initramfs(new Boot(), List.of(), List.of());
  }

  /** The same with another file. */
  public Initramfs with(ExtraFile extra) {
    List<ExtraFile> all = new ArrayList<>(extras);
    all.add(extra);
    return new Initramfs(content, all, modules);
  }

  /** The same with kernel modules: see {@link KernelModules#inOrder}. */
  public Initramfs withModules(List<Path> files) {
    return new Initramfs(content, extras, files);
  }

  /**
   * Builds it. The same tree gives the same bytes.
   *
   * @param output is replaced when everything is there
   * @throws IOException if a file is missing or cannot be written
   */
  public Contents writeTo(Path output) throws IOException {
    long start = System.nanoTime();
    SortedMap<String, Node> nodes = InitramfsNodes.of(this);
    Path folder = output.toAbsolutePath().getParent();
    Path archive = Files.createTempFile(folder, "initramfs", ".cpio");
    Path packed = Files.createTempFile(folder, "initramfs", ".zst", READABLE);
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(archive), 1 << 20)) {
        Cpio.write(nodes, out);
      }
      switch (content) {
        case Saver _ -> compress(archive, packed);
        // A kernel unpacks 5 MB faster than it decompresses 2, and needs no decompressor for it.
        case Boot _ -> Files.copy(archive, packed, StandardCopyOption.REPLACE_EXISTING);
      }
      Files.move(packed, output, StandardCopyOption.REPLACE_EXISTING);
      return new Contents(
          shares(nodes),
          Files.size(output),
          Files.size(archive),
          Duration.ofNanos(System.nanoTime() - start));
    } finally {
      Files.deleteIfExists(archive);
      Files.deleteIfExists(packed);
    }
  }

  /**
   * How many bytes the kernel will unpack from the saver's initramfs: the memory its files take,
   * but for rounding each up to whole pages.
   *
   * @throws IOException if the file is not one zstd frame that tells its unpacked size, or one that
   *     the kernel refuses to unpack
   */
  public static long unpackedBytes(Path initramfs) throws IOException {
    try (InputStream in = Files.newInputStream(initramfs)) {
      byte[] start = in.readNBytes(ZstdFrame.MAX_HEADER);
      ZstdFrame frame = ZstdFrame.parse(ByteBuffer.wrap(start), initramfs);
      if (frame.windowBytes() > ZstdFrame.KERNEL_WINDOW) {
        throw new IOException(
            String.format(
                "%s: unpacking needs a window of %d bytes, the kernel gives at most %d",
                initramfs, frame.windowBytes(), ZstdFrame.KERNEL_WINDOW));
      }
      return frame.contentBytes();
    }
  }

  private static void compress(Path source, Path target) throws IOException {
    try (Arena arena = Arena.ofConfined();
        FileChannel from = FileChannel.open(source, StandardOpenOption.READ);
        FileChannel to = FileChannel.open(target, StandardOpenOption.WRITE)) {
      MemorySegment content = from.map(FileChannel.MapMode.READ_ONLY, 0, from.size(), arena);
      MemorySegment frame = arena.allocate(Zstd.bound(content.byteSize()));
      int length = new Codec.OfZstd(LEVEL).compressor(arena).compress(content, frame);
      ByteBuffer bytes = frame.asSlice(0, length).asByteBuffer();
      while (bytes.hasRemaining()) {
        to.write(bytes);
      }
    }
  }

  private static List<Contents.Share> shares(SortedMap<String, Node> nodes) throws IOException {
    SortedMap<String, Long> bytes = new TreeMap<>();
    for (var node : nodes.entrySet()) {
      if (node.getValue() instanceof Node.Copy(Path source, var _)) {
        bytes.merge(InitramfsNodes.shareOf(node.getKey()), Files.size(source), Long::sum);
      }
    }
    return bytes.entrySet().stream()
        .map(share -> new Contents.Share(share.getKey(), share.getValue()))
        .sorted(Comparator.comparingLong(Contents.Share::bytes).reversed())
        .collect(Collectors.toUnmodifiableList());
  }
}
