package org.dormouse.lab.bench;

/** What puts a machine to sleep. */
public enum Contender {
  /** This project: a cold and a warm sleep, woken through kexec and directly. */
  DORMOUSE,
  /** The kernel, compressing with LZO as it does unless it is told otherwise. */
  SWSUSP_LZO,
  /** The kernel, compressing with LZ4. */
  SWSUSP_LZ4
}
