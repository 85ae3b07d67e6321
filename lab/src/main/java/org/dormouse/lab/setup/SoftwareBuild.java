package org.dormouse.lab.setup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dormouse.cli.Installation;
import org.dormouse.initramfs.JavaHome;
import org.dormouse.initramfs.Program;
import org.dormouse.initramfs.SoftwareTree;

/** Stages what runs in the guests, from the jars of this process and the JDK that runs it. */
final class SoftwareBuild {
  private static final String TREE = "tree";

  private final Installation installation;
  private final CacheFolder cache;
  private final Reporter reporter;

  SoftwareBuild(Installation installation, CacheFolder cache, Reporter reporter) {
    this.installation = installation;
    this.cache = cache;
    this.reporter = reporter;
  }

  /** The software, from the cache if it is there. */
  StagedSoftware software() throws SetupException {
    try {
      String key = key();
      Path folder = cache.shelf("software").get(key, this::build);
      Program agent = installation.agent(folder);
      var tree =
          new SoftwareTree(folder.resolve(TREE), List.of(agent, installation.command(folder)));
      return new StagedSoftware(key, tree, agent);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private String key() throws IOException {
    ContentKey key = new ContentKey();
    for (Path jar : installation.allJars()) {
      key.add(jar.getFileName().toString()).add(jar);
    }
    return key.add(JavaHome.running().folder().resolve("release")).name();
  }

  private void build(Path product, Path scratch) throws SetupException {
    reporter.step(
        "guest software: Java runtime, jars, training runs",
        () -> {
          try {
            Path training = Files.createDirectories(scratch.resolve("training"));
            return SoftwareTree.stage(
                JavaHome.running(),
                installation.allJars(),
                List.of(installation.agent(training), installation.command(training)),
                product.resolve(TREE));
          } catch (IOException e) {
            throw failure(e);
          }
        });
  }

  private SetupException failure(IOException e) {
    return new SetupException(
        "the guests' software could not be made: " + e.getMessage(),
        "What was begun has been deleted.",
        "Run through ./dormouse, which builds the jars; if they are there, this is a bug to report.",
        e);
  }
}
