package org.dormouse.linux;

/** Stopping and restarting the machine. Constants: {@code include/uapi/linux/reboot.h}. */
public final class Power {
  static final long KEXEC = 0x45584543L;

  private static final long MAGIC1 = 0xfee1deadL;
  private static final long MAGIC2 = 672274793L;
  private static final long POWER_OFF = 0x4321fedcL;
  private static final long RESTART = 0x1234567L;

  private Power() {}

  /** Switches the machine off at once; nothing is synced. Returns only by an exception. */
  public static void off() throws LinuxException {
    reboot("power off", POWER_OFF);
  }

  /** Restarts the machine at once; nothing is synced. Returns only by an exception. */
  public static void restart() throws LinuxException {
    reboot("restart", RESTART);
  }

  /** Writes all dirty data of all file systems out. */
  public static void sync() throws LinuxException {
    Syscall.SYNC.call("sync");
  }

  static void reboot(String describedAs, long command) throws LinuxException {
    Syscall.REBOOT.call(describedAs, MAGIC1, MAGIC2, command);
  }
}
