package org.dormouse.lab.setup;

import java.util.List;

/**
 * {@code ./dormouse setup}: makes everything, and says what there is; with {@code --debug-kernel}
 * also what only the tests with debuggers need.
 */
public final class SetupMain {
  /** {@code EX_UNAVAILABLE} of sysexits.h: something that is needed is not there. */
  private static final int EX_UNAVAILABLE = 69;

  private static final String DEBUG_KERNEL = "--debug-kernel";

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
      if (List.of(arguments).contains(DEBUG_KERNEL)) {
        Kernel debug = setup.kernel(KernelFlavour.DEBUG);
        System.out.println("debugged   " + debug.elf());
        System.out.println("           " + debug.release());
      }
    } catch (SetupException e) {
      System.err.println(e.report());
      System.exit(EX_UNAVAILABLE);
    }
  }
}
