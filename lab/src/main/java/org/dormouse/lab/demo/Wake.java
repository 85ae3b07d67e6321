package org.dormouse.lab.demo;

/** How a machine that sleeps is woken at its next power-on. */
public enum Wake {
  /** An ordinary boot finds the image and starts the saver with kexec. */
  KEXEC,
  /** The boot loader starts the saver. */
  DIRECT
}
