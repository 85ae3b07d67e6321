package org.dormouse.image;

import org.dormouse.text.KeyValues;

/** Values that are several words with one blank between them. */
final class Words {
  private Words() {}

  /**
   * The words of a value.
   *
   * @throws IllegalArgumentException if they are not as many as {@code count}
   */
  static String[] of(KeyValues lines, String key, int count) {
    String[] words = lines.text(key).split(" ", -1);
    if (words.length != count) {
      throw new IllegalArgumentException(key + "=" + lines.text(key));
    }
    return words;
  }
}
