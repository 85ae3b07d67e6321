package org.dormouse.cli;

/** What the command's exit code says; the numbers above 2 are those of {@code sysexits.h}. */
public final class ExitCode {
  /** It was done. */
  public static final int OK = 0;

  /** It was looked at, and the answer is no: this machine cannot sleep, this image is not good. */
  public static final int NO = 1;

  /** The command line is wrong. */
  public static final int USAGE = 2;

  /** Something that is needed is not there: a program, a device, memory, a kernel option. */
  public static final int UNAVAILABLE = 69;

  /** A defect of Dormouse. */
  public static final int SOFTWARE = 70;

  /** A device or file failed. */
  public static final int IO = 74;

  /** Another command is at work. */
  public static final int TRY_AGAIN = 75;

  /** It needs root. */
  public static final int NO_PERMISSION = 77;

  private ExitCode() {}
}
