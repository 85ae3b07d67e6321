/**
 * What a guest does while it is put to sleep: a Java process ({@link
 * org.dormouse.lab.workload.Workload}) with memory whose content is known, a conversation over TCP,
 * a timer, a file that grows.
 *
 * <p>These classes run inside the guest on a runtime of {@code java.base} alone, and depend on
 * nothing else, of Dormouse or of anybody. The guest's processor is usually an emulated one: there
 * are no lambdas and no string templates here because linking them is what a short-lived Java
 * process waits for, and no loops over bytes.
 */
package org.dormouse.lab.workload;
