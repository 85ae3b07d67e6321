package org.dormouse.lab.demo;

/** One answer to the question whether a guest is what it was. */
public sealed interface Finding {
  /** It is, in this respect. */
  record Same(String what) implements Finding {}

  /** It is not. */
  record Wrong(String what) implements Finding {}
}
