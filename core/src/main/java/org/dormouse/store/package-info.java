/**
 * Where an image can live: a row of bytes of fixed size that can be read, written and flushed.
 *
 * <p>A store need not be a device: its bytes may lie in pieces on one, by a map that lies in front
 * of it, so that a saver that knows no file systems can write below a file.
 *
 * <p>Here is also what tells whose data a store holds, so that nothing foreign is overwritten. What
 * an image looks like is no business of this package: that is {@code org.dormouse.image}.
 */
package org.dormouse.store;
