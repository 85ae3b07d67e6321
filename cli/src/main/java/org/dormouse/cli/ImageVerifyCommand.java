package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.dormouse.image.ImageBody;
import org.dormouse.image.ImageFormatException;
import org.dormouse.image.ImageProgress;
import org.dormouse.image.ImageReader;
import org.dormouse.image.PipelineSize;
import org.dormouse.memory.Pages;
import org.dormouse.seal.ImageKey;
import org.dormouse.store.Store;
import org.dormouse.stores.NamedStore;
import org.dormouse.text.Quantity;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks an image, every byte of it. */
@Command(
    name = "verify",
    description =
        "Reads all of an image and checks every checksum. A sealed one is opened for it: by its key"
            + " file, or by the passphrase, which is asked for.",
    mixinStandardHelpOptions = true)
final class ImageVerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "STORE", description = "An image.")
  private Path from = Path.of("");

  @Mixin private KeyOption keys;
  @Mixin private Answer answer;

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (Store store = NamedStore.openForReading(from)) {
      Optional<ImageKey> key = keys.opening().keyOf(store);
      try {
        return verify(ImageReader.inspect(store, key));
      } finally {
        key.ifPresent(ImageKey::close);
      }
    } catch (ImageFormatException e) {
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("good", false);
      figures.put("damage", e.damage());
      figures.put("why", e.getMessage());
      answer.print(figures, out -> {});
      return new NotGood(from, e).tell(err());
    }
  }

  private int verify(ImageReader reader) throws IOException, InterruptedException {
    ImageProgress progress = new ImageProgress();
    ImageBody body = reader.body();
    long start = System.nanoTime();
    try (ProgressLine _ =
        new ProgressLine(
            "checking",
            Pages.address(body.savedPages() + body.zeroPages()),
            () -> Pages.address(progress.pagesSeen()),
            err())) {
      reader.verify(PipelineSize.of(Runtime.getRuntime().availableProcessors()), progress);
    }
    print(new ImageFacts(reader.header()), progress, Duration.ofNanos(System.nanoTime() - start));
    return ExitCode.OK;
  }

  private void print(ImageFacts facts, ImageProgress progress, Duration time) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("good", true);
    figures.putAll(facts.figures());
    figures.put("read_bytes", progress.storeBytes());
    figures.put("seconds", time.toNanos() / 1e9);
    answer.print(
        figures,
        out -> {
          facts.print(out);
          out.printf(
              "good: %d chunks, %s read; %.1f s%n",
              progress.chunks(), Quantity.bytes(progress.storeBytes()), time.toNanos() / 1e9);
        });
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
