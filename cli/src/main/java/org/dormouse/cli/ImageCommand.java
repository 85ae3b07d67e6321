package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.dormouse.image.Image;
import org.dormouse.image.ImageBody;
import org.dormouse.image.ImageDescription;
import org.dormouse.image.ImageFormatException;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageProgress;
import org.dormouse.image.ImageReader;
import org.dormouse.image.PipelineSize;
import org.dormouse.image.WakeDescription;
import org.dormouse.memory.Pages;
import org.dormouse.seal.ImageKey;
import org.dormouse.store.BlockStore;
import org.dormouse.text.Quantity;
import org.dormouse.text.Report;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Looks at images, and takes them away. */
@Command(
    name = "image",
    description = "Makes images, looks at them, checks them, takes them away.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    subcommands = {
      ImageCreateCommand.class,
      ImageExportCommand.class,
      ImageDrawCommand.class,
      ImageDiffCommand.class
    })
final class ImageCommand {
  @Spec private CommandSpec spec;

  @Command(name = "info", description = "Says what is in a store.")
  int info(@Parameters(paramLabel = "STORE") Path store) throws IOException {
    try (BlockStore opened = BlockStore.forReading(store)) {
      print(Image.header(opened));
      return ExitCode.OK;
    } catch (ImageFormatException e) {
      return no(store, e);
    }
  }

  @Command(
      name = "verify",
      description =
          "Reads all of an image and checks every checksum. A sealed one is opened for it: by the"
              + " passphrase, which is asked for, or by a key file.")
  int verify(
      @Parameters(paramLabel = "STORE") Path store,
      @Option(names = "--key", paramLabel = "FILE", description = "The key file of a sealed image.")
          Optional<Path> keyFile)
      throws IOException, InterruptedException {
    try (BlockStore opened = BlockStore.forReading(store)) {
      Optional<ImageKey> key = ImageOpening.keyOf(opened, keyFile);
      try {
        return verify(ImageReader.inspect(opened, key));
      } finally {
        key.ifPresent(ImageKey::close);
      }
    } catch (ImageFormatException e) {
      return no(store, e);
    }
  }

  private int verify(ImageReader reader) throws IOException, InterruptedException {
    print(reader.header());
    ImageProgress progress = new ImageProgress();
    reader.verify(PipelineSize.of(Runtime.getRuntime().availableProcessors()), progress);
    out()
        .printf(
            "good: %d chunks, %s read%n", progress.chunks(), Quantity.bytes(progress.storeBytes()));
    return ExitCode.OK;
  }

  @Command(name = "discard", description = "Takes an image away: it will not be resumed.")
  int discard(@Parameters(paramLabel = "STORE") Path store) throws IOException {
    try (BlockStore opened = BlockStore.forWriting(store)) {
      Image.discard(opened, "discarded by a person");
      out().println("discarded");
      return ExitCode.OK;
    } catch (ImageFormatException e) {
      return no(store, e);
    }
  }

  @Command(
      name = "retry",
      description = "Lets an image that was refused be tried again at the next power-on.")
  int retry(@Parameters(paramLabel = "STORE") Path store) throws IOException {
    try (BlockStore opened = BlockStore.forWriting(store)) {
      Image.retry(opened);
      out().println("it will be tried again");
      return ExitCode.OK;
    } catch (ImageFormatException e) {
      return no(store, e);
    }
  }

  private void print(ImageHeader header) {
    PrintWriter out = out();
    line("state", header.state());
    line("image", header.image());
    line("attempts", header.attempts());
    if (!header.reason().isEmpty()) {
      line("reason", header.reason());
    }
    header.description().ifPresent(this::printDescription);
    header.body().ifPresent(this::printBody);
    line(
        "sealed",
        header
            .seal()
            .map(seal -> "with " + seal.cipher().name().toLowerCase(Locale.ROOT))
            .orElse("no"));
    out.flush();
  }

  private void printDescription(ImageDescription description) {
    line("created", description.created());
    line("kernel", description.kernelRelease());
    line("store", description.storeName());
    line("memory", Quantity.bytes(Pages.address(description.ramPages())));
    description.wake().ifPresent(this::printWake);
  }

  private void printWake(WakeDescription wake) {
    line("paging", wake.pagingLevels() + " levels");
    line("region", wake.saverRegion());
    line("woken by", wake.commandLine());
  }

  private void printBody(ImageBody body) {
    line(
        "saved",
        Quantity.bytes(Pages.address(body.savedPages()))
            + " in "
            + Quantity.bytes(body.imageBytes()));
    line("zero", Quantity.bytes(Pages.address(body.zeroPages())));
    line("free", Quantity.bytes(Pages.address(body.freePages())));
  }

  private void line(String name, Object value) {
    out().printf("%-9s %s%n", name, value);
  }

  private int no(Path store, ImageFormatException e) {
    new ErrorReport(
            new Report(
                store + ": " + e.getMessage(),
                "The store was not changed.",
                "An image that is not good is not woken; the machine boots normally."),
            List.of(),
            ExitCode.NO)
        .print(spec.commandLine().getErr());
    return ExitCode.NO;
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
