package org.dormouse.lab.bench;

/** What is measured, in the order of the table and the picture. */
public enum Quantity {
  SWSUSP_LZO_SLEEP("swsusp (LZO) sleeps"),
  SWSUSP_LZ4_SLEEP("swsusp (LZ4) sleeps"),
  COLD_SLEEP("Dormouse sleeps, cold"),
  WARM_SLEEP("Dormouse sleeps, warm"),
  SWSUSP_LZO_WAKE("swsusp (LZO) wakes"),
  SWSUSP_LZ4_WAKE("swsusp (LZ4) wakes"),
  KEXEC_WAKE("Dormouse wakes, kexec"),
  DIRECT_WAKE("Dormouse wakes, direct");

  private final String label;

  Quantity(String label) {
    this.label = label;
  }

  /** For people. */
  public String label() {
    return label;
  }
}
