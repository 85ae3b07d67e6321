package org.dormouse.setup;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a person wants of a setup.
 *
 * @param store where images shall go; empty for what is settled already
 * @param keys keys of the configuration that shall have other values
 */
public record SetupWishes(Optional<Store> store, Map<String, String> keys) {
  /**
   * A store that is named.
   *
   * @param path a block device, or a file
   * @param kind whether it is there
   */
  public record Store(String path, Kind kind) {}

  /** What is to be done about a store. */
  public sealed interface Kind {
    /** It is there. */
    record Present() implements Kind {}

    /**
     * It is to be made, as a file.
     *
     * @param bytes how large; empty for what all memory takes
     */
    record ToMake(OptionalLong bytes) implements Kind {}
  }

  /** Copies what it is given. */
  public SetupWishes {
    keys = Map.copyOf(keys);
  }
}
