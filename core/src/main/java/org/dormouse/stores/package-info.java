/**
 * In the original kernel: stores by the names that people give them. A store is a device, or a file
 * or a logical volume, whose bytes are found on the disk below it and written there, past the file
 * system: a saver mounts nothing, assembles nothing and unlocks nothing.
 */
package org.dormouse.stores;
