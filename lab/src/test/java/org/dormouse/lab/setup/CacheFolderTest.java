package org.dormouse.lab.setup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CacheFolderTest {
  @Test
  void xdgCacheHomeComesFirst() {
    assertThat(
            CacheFolder.from(Map.of("XDG_CACHE_HOME", "/var/tmp/x", "HOME", "/home/dora")).path())
        .isEqualTo(Path.of("/var/tmp/x/dormouse"));
  }

  @Test
  void elseItIsInTheHomeFolder() {
    assertThat(CacheFolder.from(Map.of("HOME", "/home/dora")).path())
        .isEqualTo(Path.of("/home/dora/.cache/dormouse"));
  }

  @Test
  void aRelativeOrEmptyXdgCacheHomeIsIgnored() {
    assertThat(CacheFolder.from(Map.of("XDG_CACHE_HOME", "x", "HOME", "/home/dora")).path())
        .isEqualTo(Path.of("/home/dora/.cache/dormouse"));
    assertThat(CacheFolder.from(Map.of("XDG_CACHE_HOME", "", "HOME", "/home/dora")).path())
        .isEqualTo(Path.of("/home/dora/.cache/dormouse"));
  }
}
