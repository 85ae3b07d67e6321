package org.dormouse.lab.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShelfTest {
  @TempDir Path cache;

  private static void makeFile(Path product, Path scratch) throws IOException {
    Files.writeString(scratch.resolve("object"), "");
    Files.writeString(product.resolve("file"), "content");
  }

  private static void mustNotBeCalled(Path product, Path scratch) {
    throw new AssertionError("made again");
  }

  private Shelf shelf() {
    return new Shelf(cache, "kernel", 2);
  }

  private Stream<String> namesInCache() throws IOException {
    try (Stream<Path> files = Files.list(cache)) {
      return files.map(file -> file.getFileName().toString()).toList().stream();
    }
  }

  @Test
  void makesOnceAndFindsIt() throws Exception {
    Path made = shelf().get("1", ShelfTest::makeFile);
    Path found = shelf().get("1", ShelfTest::mustNotBeCalled);

    assertThat(found).isEqualTo(made).isEqualTo(cache.resolve("kernel-1"));
    assertThat(found.resolve("file")).hasContent("content");
    assertThat(namesInCache()).containsExactlyInAnyOrder("kernel-1", "kernel.lock");
  }

  @Test
  void aMakerThatFailsLeavesNothing() throws Exception {
    assertThatThrownBy(
            () ->
                shelf()
                    .get(
                        "1",
                        (product, scratch) -> {
                          makeFile(product, scratch);
                          throw new SetupException("it broke", "half done", "mend it");
                        }))
        .isInstanceOf(SetupException.class)
        .hasMessage("it broke");
    assertThat(shelf().has("1")).isFalse();
    assertThat(namesInCache()).containsExactly("kernel.lock");
  }

  @Test
  void whatAnInterruptedRunLeftIsNotTakenForAProduct() throws Exception {
    Path left = Files.createDirectories(cache.resolve(".unfinished-kernel/product"));
    Files.writeString(left.resolve("left"), "");

    Path made = shelf().get("1", ShelfTest::makeFile);

    assertThat(made.resolve("left")).doesNotExist();
    assertThat(made.resolve("file")).exists();
  }

  @Test
  void anUnwritableFolderIsReportedInThreeParts() throws Exception {
    Path file = Files.writeString(cache.resolve("plain"), "");
    assertThatThrownBy(
            () -> new Shelf(file.resolve("in"), "kernel", 2).get("1", ShelfTest::makeFile))
        .isInstanceOfSatisfying(
            SetupException.class,
            e ->
                assertThat(e.report().lines())
                    .hasSize(3)
                    .first()
                    .asString()
                    .startsWith("dormouse: cannot write in the cache folder"));
  }

  @Test
  void theTwoUsedLastAreKept() throws Exception {
    for (String key : new String[] {"1", "2"}) {
      Path folder = shelf().get(key, ShelfTest::makeFile);
      Files.setLastModifiedTime(folder, FileTime.from(Instant.ofEpochSecond(1000)));
    }
    shelf().get("1", ShelfTest::mustNotBeCalled);
    new Shelf(cache, "software", 2).get("9", ShelfTest::makeFile);

    shelf().get("3", ShelfTest::makeFile);

    assertThat(namesInCache())
        .contains("kernel-1", "kernel-3", "software-9")
        .doesNotContain("kernel-2");
  }
}
