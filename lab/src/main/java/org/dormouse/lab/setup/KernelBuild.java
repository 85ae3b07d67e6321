package org.dormouse.lab.setup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.dormouse.rebuild.KernelFragment;
import org.dormouse.rebuild.KernelSource;

/**
 * Builds a kernel from the distribution's source and our fragment, once for each pair of them.
 *
 * <p>The source is unpacked in the cache folder and deleted after the build.
 */
final class KernelBuild {
  /**
   * Parts of the source that are not compiled for this machine. Their {@code Kconfig} and make
   * files stay, for the configuration reads them all.
   */
  private static final List<String> NOT_UNPACKED =
      List.of(
          "*/Documentation/*.rst",
          "*/arch/[!x]*/*.[chS]",
          "*/dts/*",
          "*/sound/*.[ch]",
          "*/tools/testing/*");

  /**
   * Likewise, of a configuration that has no graphics: the drivers, but not what is beside them.
   */
  private static final String GRAPHICS = "*/drivers/gpu/*/*/*.[ch]";

  /** Nothing of the time and place gets into the kernel: the same source gives the same bytes. */
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "KBUILD_BUILD_TIMESTAMP", "Thu Jan  1 00:00:00 UTC 2026",
          "KBUILD_BUILD_USER", "dormouse",
          "KBUILD_BUILD_HOST", "lab",
          "LC_ALL", "C");

  /** Where the kernel's makefile has its configuration. */
  private static final String MADE_CONFIG = ".config";

  private final KernelFlavour flavour;
  private final KernelSource source;
  private final KernelFragment fragment;
  private final CacheFolder cache;
  private final Reporter reporter;

  private KernelBuild(
      KernelFlavour flavour, KernelSource source, CacheFolder cache, Reporter reporter) {
    this.flavour = flavour;
    this.source = source;
    this.fragment = flavour.fragment();
    this.cache = cache;
    this.reporter = reporter;
  }

  /**
   * Builds nothing yet.
   *
   * @throws SetupException if there is no source
   */
  static KernelBuild of(KernelFlavour flavour, CacheFolder cache, Reporter reporter)
      throws SetupException {
    KernelSource source = flavour.find(cache, reporter);
    return new KernelBuild(flavour, source, cache, reporter);
  }

  /** The kernel, from the cache if it is there. */
  Kernel kernel() throws SetupException {
    return Kernel.in(shelf().get(key(), this::build));
  }

  /** Whether the cache has it. */
  boolean isBuilt() {
    return shelf().has(key());
  }

  private Shelf shelf() {
    return cache.shelf(flavour.shelf());
  }

  private String key() {
    // The answers alone: neither a comment nor their order makes another kernel.
    ContentKey key = new ContentKey().add(source.version());
    flavour.base().ifPresent(key::add);
    fragment.answers().stream().sorted().forEach(key::add);
    return key.name();
  }

  private void build(Path product, Path scratch) throws SetupException, IOException {
    checkSpace(scratch);
    Path log = cache.log("kernel");
    Files.deleteIfExists(log);
    Path tree = scratch.resolve(source.name());

    step("kernel: unpack " + source.version(), () -> unpack(scratch, log));
    step("kernel: configure", () -> configure(tree, log));
    step("kernel: compile", () -> compile(tree, log));
    keep(tree, product);
  }

  private void step(String name, Action action) throws SetupException {
    reporter.step(
        name,
        () -> {
          action.run();
          return name;
        });
  }

  private interface Action {
    void run() throws SetupException;
  }

  private void checkSpace(Path folder) throws SetupException, IOException {
    long free = Files.getFileStore(folder).getUsableSpace();
    if (free < flavour.buildBytes()) {
      throw new SetupException(
          "too little disk space: building the kernel needs %d MiB in %s, where %d MiB are free"
              .formatted(flavour.buildBytes() >> 20, folder, free >> 20),
          "Nothing has been built.",
          "Free some space, or set XDG_CACHE_HOME to the full path of a folder with more.");
    }
  }

  private void unpack(Path scratch, Path log) throws SetupException {
    var command = new java.util.ArrayList<>(List.of("tar", "--extract", "--xz"));
    NOT_UNPACKED.forEach(pattern -> command.add("--exclude=" + pattern));
    if (flavour.base().isEmpty()) {
      command.add("--exclude=" + GRAPHICS);
    }
    command.add("--file=" + source.tarball());
    new Tool(scratch, log, ENVIRONMENT).run(command);
  }

  private void configure(Path tree, Path log) throws SetupException {
    Tool make = new Tool(tree, log, ENVIRONMENT);
    try {
      if (flavour.base().isPresent()) {
        // Of two answers to a question the last one counts.
        String all = base(flavour.base().get(), make) + fragment.text();
        Files.writeString(tree.resolve(MADE_CONFIG), all);
        make.run(List.of("make", "olddefconfig"));
      } else {
        Path answers = tree.resolveSibling("fragment");
        Files.writeString(answers, fragment.text());
        make.run(List.of("make", "allnoconfig", "KCONFIG_ALLCONFIG=../" + answers.getFileName()));
      }
      checkHeeded(Files.readString(tree.resolve(MADE_CONFIG)));
    } catch (IOException e) {
      throw new SetupException(
          "cannot write the kernel's configuration: " + e.getMessage(),
          "What was begun has been deleted.",
          "Free some space in " + cache.path() + ", or set XDG_CACHE_HOME to another folder.",
          e);
    }
  }

  private static String base(Path compressed, Tool tool) throws SetupException {
    StringBuilder text = new StringBuilder();
    tool.run(
        List.of("xz", "--decompress", "--stdout", compressed.toString()),
        line -> text.append(line).append('\n'));
    return text.toString();
  }

  private void checkHeeded(String config) throws SetupException {
    List<String> unheeded = fragment.unheeded(config);
    if (!unheeded.isEmpty()) {
      throw new SetupException(
          "the kernel's configuration does not take " + String.join(", ", unheeded),
          "Nothing has been compiled.",
          "Name in kernel.config or saver.config what these options depend on: make menuconfig tells, with '/'.");
    }
  }

  private void compile(Path tree, Path log) throws SetupException {
    var compiled = new AtomicLong();
    new Tool(tree, log, ENVIRONMENT)
        .run(
            List.of("make", "-j" + Runtime.getRuntime().availableProcessors(), "bzImage"),
            line -> {
              if (line.startsWith("  CC ") || line.startsWith("  AS ")) {
                reporter.progress(compiled.incrementAndGet(), flavour.filesCompiled());
              }
            });
  }

  private static void keep(Path tree, Path product) throws IOException {
    move(tree.resolve("arch/x86/boot/bzImage"), product.resolve(Kernel.IMAGE));
    move(tree.resolve("System.map"), product.resolve(Kernel.SYSTEM_MAP));
    move(tree.resolve("vmlinux"), product.resolve(Kernel.ELF));
    move(tree.resolve(MADE_CONFIG), product.resolve(Kernel.CONFIG));
    move(tree.resolve("include/config/kernel.release"), product.resolve(Kernel.RELEASE));
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }
}
