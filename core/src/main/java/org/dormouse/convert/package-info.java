/**
 * The use cases that turn files of memory into one another: a dump of another program's into an
 * image, and back. They run on any machine; nothing here jumps, sleeps or wakes.
 */
package org.dormouse.convert;
