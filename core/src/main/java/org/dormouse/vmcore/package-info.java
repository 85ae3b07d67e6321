/**
 * The original kernel's memory, seen by another kernel: how its frames are reached ({@link
 * org.dormouse.vmcore.FrameWindows}), where the pages are that were swapped out for the saver
 * ({@link org.dormouse.vmcore.SourcePages}, {@link org.dormouse.vmcore.OriginalMemory}), what that
 * kernel says of itself ({@link org.dormouse.vmcore.VmcoreInfo}), where its virtual addresses lead
 * ({@link org.dormouse.vmcore.AddressTranslation}), which of its pages matter ({@link
 * org.dormouse.vmcore.PageStructs}, {@link org.dormouse.vmcore.PageKinds}), and what each one is
 * for ({@link org.dormouse.vmcore.PageCensus}), so that some kinds can be left out of a dump
 * ({@link org.dormouse.vmcore.Exclusions}).
 *
 * <p>All of it is data that nobody vouches for. Whatever lies there, the answer is a value or an
 * {@link java.io.IOException}, after a bounded number of steps.
 *
 * <p>Nothing here makes a system call: it is given a function that maps frames.
 */
package org.dormouse.vmcore;
