package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.dormouse.image.Image;
import org.dormouse.image.ImageFormatException;
import org.dormouse.image.ImageHeader;
import org.dormouse.image.ImageProgress;
import org.dormouse.image.ImageReader;
import org.dormouse.image.PipelineSize;
import org.dormouse.memory.Pages;
import org.dormouse.sleep.Quantity;
import org.dormouse.store.BlockStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Looks at images, and takes them away. */
@Command(
    name = "image",
    description = "Looks at an image, checks it, or takes it away.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT)
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

  @Command(name = "verify", description = "Reads all of an image and checks every checksum.")
  int verify(@Parameters(paramLabel = "STORE") Path store)
      throws IOException, InterruptedException {
    try (BlockStore opened = BlockStore.forReading(store);
        ImageReader reader = ImageReader.inspect(opened)) {
      print(reader.header());
      ImageProgress progress = new ImageProgress();
      reader.verify(PipelineSize.of(Runtime.getRuntime().availableProcessors()), progress);
      out()
          .printf(
              "good: %d chunks, %s read%n",
              progress.chunks(), Quantity.bytes(progress.storeBytes()));
      return ExitCode.OK;
    } catch (ImageFormatException e) {
      return no(store, e);
    }
  }

  @Command(name = "discard", description = "Takes an image away: it will not be resumed.")
  int discard(@Parameters(paramLabel = "STORE") Path store) throws IOException {
    try (BlockStore opened = BlockStore.forWriting(store)) {
      Image.discard(opened);
      out().println("discarded");
      return ExitCode.OK;
    } catch (ImageFormatException e) {
      return no(store, e);
    }
  }

  private void print(ImageHeader header) {
    PrintWriter out = out();
    out.printf("state    %s%n", header.state());
    out.printf("image    %s of %s%n", header.origin().image(), header.origin().created());
    out.printf("kernel   %s%n", header.origin().kernelRelease());
    out.printf("paging   %d levels%n", header.wayBack().pagingLevels());
    out.printf("store    %s%n", header.origin().storeName());
    out.printf("memory   %s%n", Quantity.bytes(Pages.address(header.origin().ramPages())));
    out.printf(
        "saved    %s in %s%n",
        Quantity.bytes(Pages.address(header.body().savedPages())),
        Quantity.bytes(header.body().imageBytes()));
    out.flush();
  }

  private int no(Path store, ImageFormatException e) {
    new ErrorReport(
            store + ": " + e.getMessage(),
            "The store was not changed.",
            "An image that is not good cannot be resumed; the machine boots normally.",
            ExitCode.NO)
        .print(spec.commandLine().getErr());
    return ExitCode.NO;
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
