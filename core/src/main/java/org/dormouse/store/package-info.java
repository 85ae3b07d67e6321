/**
 * Where an image can live: a row of bytes of fixed size that can be read, written and flushed.
 *
 * <p>Here is also what tells whose data a store holds, so that nothing foreign is overwritten. What
 * an image looks like is no business of this package: that is {@code org.dormouse.image}.
 */
package org.dormouse.store;
