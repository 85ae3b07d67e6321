package org.dormouse.lab;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import org.dormouse.lab.qemu.QemuCrashes;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * Runs a test once more that failed while a QEMU crashed. Nothing else is forgiven: a test that
 * fails with every QEMU in good order has failed, and so has one whose QEMU crashes twice.
 */
public final class OnceMoreAfterACrash implements InvocationInterceptor {
  /** A test may see the end of a machine before it is known how it ended. */
  private static final Duration KNOWN = Duration.ofSeconds(1);

  /** A test, or a part of it. */
  @FunctionalInterface
  interface Run {
    void run() throws Throwable;
  }

  @Override
  public void interceptTestMethod(
      Invocation<Void> first, ReflectiveInvocationContext<Method> test, ExtensionContext context)
      throws Throwable {
    run(context.getDisplayName(), first::proceed, () -> again(test));
  }

  @Override
  public void interceptTestTemplateMethod(
      Invocation<Void> first, ReflectiveInvocationContext<Method> test, ExtensionContext context)
      throws Throwable {
    run(context.getDisplayName(), first::proceed, () -> again(test));
  }

  static void run(String name, Run first, Run again) throws Throwable {
    int before = QemuCrashes.seen().size();
    try {
      first.run();
      return;
    } catch (Throwable failure) {
      Thread.sleep(KNOWN);
      List<String> all = QemuCrashes.seen();
      if (all.size() == before) {
        throw failure;
      }
      System.out.println(name + " is run once more: " + all.subList(before, all.size()));
    }
    again.run();
  }

  private static void again(ReflectiveInvocationContext<Method> test) throws Throwable {
    Method method = test.getExecutable();
    method.setAccessible(true);
    try {
      method.invoke(test.getTarget().orElseThrow(), test.getArguments().toArray());
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
