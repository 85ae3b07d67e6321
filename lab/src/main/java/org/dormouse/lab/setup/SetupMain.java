package org.dormouse.lab.setup;

/** {@code ./dormouse setup}: makes everything, and says what there is. */
public final class SetupMain {
  /** {@code EX_UNAVAILABLE} of sysexits.h: something that is needed is not there. */
  private static final int EX_UNAVAILABLE = 69;

  private SetupMain() {}

  public static void main(String[] arguments) {
    try {
      var setup = new Setup(CacheFolder.fromEnvironment(), ConsoleReporter.onStandardError());
      Provisions provisions = setup.provide();
      System.out.println("kernel     " + provisions.kernel().image());
      System.out.println("           " + provisions.kernel().release());
      System.out.println("software   " + provisions.software());
      System.out.println("saver      " + provisions.saverInitramfs());
      System.out.println("boot       " + provisions.bootInitramfs());
    } catch (SetupException e) {
      System.err.println(e.report());
      System.exit(EX_UNAVAILABLE);
    }
  }
}
