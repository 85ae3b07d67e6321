package org.dormouse.lab.debian;

/**
 * Which Debian is wanted.
 *
 * @param kernel the machine's
 * @param layout how it lies on its disk
 */
public record DebianRecipe(DebianKernel kernel, DebianLayout layout) {
  /** What makes it another one than the others, for folders. */
  public String name() {
    String packaged = kernel instanceof DebianKernel.Packaged ? "packaged-" : "";
    return "debian-" + packaged + layout.word();
  }

  /** For people. */
  String describe() {
    return layout.loader() + (layout.isEncrypted() ? ", root and swap encrypted" : "");
  }
}
