package org.dormouse.sleep;

import org.dormouse.kexec.KexecImage;
import org.dormouse.linux.Kexec;
import org.dormouse.linux.LinuxException;

/** Carries out a plan of the {@code kexec} package. */
final class KexecLoad {
  private KexecLoad() {}

  /**
   * Loads an image in place of one of its kind that is loaded.
   *
   * @throws LinuxException with the kernel's error; nothing of that kind is loaded then
   */
  static void of(KexecImage image) throws LinuxException {
    Kexec.load(image.entry(), image.segments(), image.context());
  }
}
