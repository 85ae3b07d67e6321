package org.dormouse.cli;

import java.io.PrintWriter;
import java.io.Writer;

/**
 * Writes each line with a label before it. What is no whole line yet waits until it is one, or for
 * the end.
 */
final class LabelledLines extends Writer {
  private final String label;
  private final PrintWriter target;
  private final StringBuilder line = new StringBuilder();

  /** Closing this does not close {@code target}. */
  LabelledLines(String label, PrintWriter target) {
    this.label = label;
    this.target = target;
  }

  @Override
  public void write(char[] characters, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (characters[i] == '\n') {
        endLine();
      } else {
        line.append(characters[i]);
      }
    }
  }

  private void endLine() {
    target.println(label + line);
    line.setLength(0);
  }

  @Override
  public void flush() {
    target.flush();
  }

  @Override
  public void close() {
    if (!line.isEmpty()) {
      endLine();
    }
    flush();
  }
}
