package org.dormouse.linux;

/** What can be said of all system calls at once. */
public final class SystemCalls {
  private SystemCalls() {}

  /**
   * Links the handle that makes them, which the first call of any does otherwise: a third of a
   * second where a virtual machine is emulated, time in which a program can do other things.
   */
  public static void link() {
    try {
      Syscall.CLOSE.call("close nothing", -1);
    } catch (LinuxException e) {
      // Nothing was open.
    }
  }
}
