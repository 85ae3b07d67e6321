/**
 * A real Debian 12, as a person has it: made from Debian's packages, started by firmware and boot
 * loader, at work; how it gets Dormouse, sleeps and wakes, and whether it is what it was.
 */
package org.dormouse.lab.debian;
