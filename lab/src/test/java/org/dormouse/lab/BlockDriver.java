package org.dormouse.lab;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import org.dormouse.lab.qemu.Disk;

/** QEMU's block drivers in JSON, as {@code -drive file=json:…} takes them. */
final class BlockDriver {
  private BlockDriver() {}

  /**
   * A driver that gets the guest's flushes: the disk above it, which takes {@code cache=unsafe},
   * would keep them to itself otherwise.
   */
  static JsonObject named(String driver) {
    return withFlushes(driver, false);
  }

  /** A raw file of the host, which is not flushed: the host does not lose its power here. */
  static JsonObject file(Path file) {
    JsonObject plain = withFlushes("file", true);
    plain.addProperty("filename", file.toString());
    return plain;
  }

  private static JsonObject withFlushes(String driver, boolean ignored) {
    JsonObject cache = new JsonObject();
    cache.addProperty("no-flush", ignored);
    JsonObject json = new JsonObject();
    json.addProperty("driver", driver);
    json.add("cache", cache);
    return json;
  }

  /** A disk with that driver below it. */
  static Disk disk(JsonObject driver, String serial) {
    JsonObject raw = new JsonObject();
    raw.addProperty("driver", "raw");
    raw.add("file", driver);
    return new Disk(Path.of("json:" + raw), serial);
  }
}
