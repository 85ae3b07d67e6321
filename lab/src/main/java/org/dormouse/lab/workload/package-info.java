/**
 * What a guest does while it is put to sleep: a Java process with memory whose content is known, a
 * conversation over TCP, a timer, a file that grows.
 *
 * <p>These classes run inside the guest on a runtime of {@code java.base} alone. They depend on
 * nothing else, of Dormouse or of anybody.
 */
package org.dormouse.lab.workload;
