/**
 * Reading another kernel's memory as {@code /proc/vmcore} shows it: which pages there are, and in
 * which windows they are looked at.
 *
 * <p>Nothing here makes a system call: it is given the file's first bytes and says what to map.
 */
package org.dormouse.vmcore;
