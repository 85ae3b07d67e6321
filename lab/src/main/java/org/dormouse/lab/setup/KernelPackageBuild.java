package org.dormouse.lab.setup;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.dormouse.initramfs.Folders;
import org.dormouse.rebuild.BuildJournal;
import org.dormouse.rebuild.KernelRebuild;
import org.dormouse.rebuild.ModuleChoice;
import org.dormouse.rebuild.RebuildFacts;
import org.dormouse.rebuild.RebuildPlan;
import org.dormouse.rebuild.RebuildRequest;
import org.dormouse.text.ReportException;

/**
 * Debian's kernel with the jump as a person with a Debian has it: the package that {@code dormouse
 * kernel build} makes, with the modules that a machine in QEMU needs. It takes an hour, once; what
 * was begun is kept, and gone on with.
 *
 * <p>{@link KernelFlavour#DEBIAN} has the same configuration for machines that are started without
 * a boot loader and whose initramfs have no modules.
 */
final class KernelPackageBuild {
  private static final String SHELF = "debian-kernel";

  /** Kept between runs, as a shelf's scratch folder is not. */
  private static final String WORK = "debian-kernel-build";

  private final CacheFolder cache;
  private final Reporter reporter;

  KernelPackageBuild(CacheFolder cache, Reporter reporter) {
    this.cache = cache;
    this.reporter = reporter;
  }

  /** The package's file; built if the cache does not have it. */
  Path file() throws SetupException {
    return only(cache.shelf(SHELF).get(key(), (product, _) -> build(product)));
  }

  /** The same if it has been built. */
  Optional<Path> fileIfBuilt() throws SetupException {
    return KernelFlavour.DEBIAN.isSourceHere(cache) && cache.shelf(SHELF).has(key())
        ? Optional.of(file())
        : Optional.empty();
  }

  private String key() throws SetupException {
    try {
      ContentKey key =
          new ContentKey()
              .add(KernelFlavour.DEBIAN.find(cache, reporter).version())
              .add(KernelFlavour.DEBIAN.base().orElseThrow());
      modules().forEach(key::add);
      return key.name();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** The names alone: what is said in a comment makes no other kernel. */
  private static List<String> modules() throws IOException {
    try (var in = KernelPackageBuild.class.getResourceAsStream("qemu-guest.modules");
        var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return reader.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
    }
  }

  private void build(Path product) throws SetupException {
    Path work = cache.path().resolve(WORK);
    try {
      RebuildRequest request =
          new RebuildRequest(
              KernelFlavour.DEBIAN.base(),
              ModuleChoice.named("in qemu-guest.modules", modules()),
              work,
              Runtime.getRuntime().availableProcessors(),
              Set.of());
      RebuildPlan plan = RebuildPlan.of(request, RebuildFacts.observe(request));
      reporter.step(
          "kernel package: build " + plan.release(),
          () -> {
            keep(plan, request, product);
            return "kernel package: build " + plan.release();
          });
      Folders.delete(work);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private void keep(RebuildPlan plan, RebuildRequest request, Path product) throws SetupException {
    try {
      Path built = built(plan, request);
      Files.move(built, product.resolve(built.getFileName()));
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private Path built(RebuildPlan plan, RebuildRequest request) throws IOException {
    return new KernelRebuild(
            plan,
            request,
            new BuildJournal() {
              @Override
              public void step(String name) {}

              @Override
              public void line(String text) {}

              @Override
              public void compiled(long files) {
                reporter.progress(files, plan.files());
              }
            })
        .run();
  }

  private static Path only(Path folder) throws SetupException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findFirst().orElseThrow(() -> new IOException(folder + " is empty"));
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private static SetupException failed(IOException e) {
    return e instanceof ReportException told
        ? SetupException.of(told)
        : new SetupException(
            "Debian's kernel cannot be built: " + e.getMessage(),
            "What has been compiled stays in the cache folder.",
            "The same command goes on from there.",
            e);
  }
}
