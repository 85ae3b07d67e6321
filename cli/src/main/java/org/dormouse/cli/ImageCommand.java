package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.dormouse.image.Image;
import org.dormouse.image.ImageFormatException;
import org.dormouse.image.ImageHeader;
import org.dormouse.store.Store;
import org.dormouse.stores.NamedStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Looks at images, and takes them away. */
@Command(
    name = ImageCommand.NAME,
    description = "Makes images, looks at them, checks them, takes them away.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    subcommands = {
      ImageCreateCommand.class,
      ImageVerifyCommand.class,
      ImageExportCommand.class,
      ImageDrawCommand.class,
      ImageDiffCommand.class
    })
final class ImageCommand {
  /** What the command is called. */
  static final String NAME = "image";

  @Spec private CommandSpec spec;

  @Command(name = "info", description = "Says what is in a store.")
  int info(@Parameters(paramLabel = "STORE") Path store, @Mixin Answer answer) throws IOException {
    try (Store opened = NamedStore.openForReading(store)) {
      print(Image.header(opened), answer);
      return ExitCode.OK;
    } catch (ImageFormatException e) {
      return new NotGood(store, e).tell(err());
    }
  }

  @Command(name = "discard", description = "Takes an image away: it will not be resumed.")
  int discard(@Parameters(paramLabel = "STORE") Path store, @Mixin Answer answer)
      throws IOException {
    try (Store opened = NamedStore.openForWriting(store)) {
      ImageHeader discarded = Image.discard(opened, "discarded by a person");
      answer.print(new ImageFacts(discarded).figures(), out -> out.println("discarded"));
      return ExitCode.OK;
    } catch (ImageFormatException e) {
      return new NotGood(store, e).tell(err());
    }
  }

  @Command(
      name = "retry",
      description = "Lets an image that was refused be tried again at the next power-on.")
  int retry(@Parameters(paramLabel = "STORE") Path store, @Mixin Answer answer) throws IOException {
    try (Store opened = NamedStore.openForWriting(store)) {
      ImageHeader retried = Image.retry(opened);
      answer.print(new ImageFacts(retried).figures(), out -> out.println("it will be tried again"));
      return ExitCode.OK;
    } catch (ImageFormatException e) {
      return new NotGood(store, e).tell(err());
    }
  }

  private static void print(ImageHeader header, Answer answer) {
    ImageFacts facts = new ImageFacts(header);
    answer.print(facts.figures(), facts::print);
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
