/**
 * The hibernation image, format version 1: {@code docs/image-format.md} describes every byte.
 *
 * <p>{@link org.dormouse.image.ImageWriter} makes one, {@link org.dormouse.image.ImageReader}
 * checks one and puts its pages where a {@link org.dormouse.image.PageSink} says, {@link
 * org.dormouse.image.Image} looks at its header and moves it between its states. Nothing here makes
 * system calls, knows what the pages mean or decides whether an image may be used: it gets memory
 * segments and a {@code Store}, and does what it is told. There is no object per page or per chunk,
 * and no buffer whose size depends on the size of memory.
 */
package org.dormouse.image;
