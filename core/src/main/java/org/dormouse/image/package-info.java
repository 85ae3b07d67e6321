/**
 * The image, format version 3: a kernel's memory that is to be woken, or a dump that is only read.
 * {@code docs/image-format.md} describes every byte.
 *
 * <p>{@link org.dormouse.image.ImageWriter} makes one of frames, {@link
 * org.dormouse.image.ImageReader} fills frames from one: the same walk in two directions, with the
 * same pool of buffers between workers and store. {@link org.dormouse.image.Image} looks at the
 * header and moves the image between its states; {@link org.dormouse.image.ImagePages} reads its
 * pages in any order; {@link org.dormouse.image.SaverFiles} are what lies in the store beside an
 * image that can be woken and restores it. {@link org.dormouse.image.ImageSeal} is what makes it
 * unreadable without its key.
 *
 * <p>Nothing here makes system calls, knows what the pages mean or decides whether an image may be
 * used: it gets {@code Frames} and a {@code Store}, and does what it is told. There is no object
 * per page or per chunk that outlives its handling, and no buffer whose size depends on the size of
 * memory, except one bitmap of the pages that are still to come at a restore, and what {@code
 * ImagePages} holds: the index, and two bitmaps.
 */
package org.dormouse.image;
