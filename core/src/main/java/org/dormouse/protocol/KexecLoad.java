package org.dormouse.protocol;

import org.dormouse.kexec.KexecImage;
import org.dormouse.linux.Kexec;
import org.dormouse.linux.LinuxException;

/** Carries out a plan of the {@code kexec} package. */
public final class KexecLoad {
  private KexecLoad() {}

  /**
   * Loads an image in place of one of its kind that is loaded.
   *
   * @throws LinuxException with the kernel's error; nothing of that kind is loaded then
   */
  public static void of(KexecImage image) throws LinuxException {
    Kexec.load(image.entry(), image.segments(), image.context());
  }
}
