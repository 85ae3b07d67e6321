/**
 * The machine's boot loader: which one it is, and how it is told to start the saver at the next
 * boot, once. What is written for it is computed by pure functions ({@link
 * org.dormouse.loader.DirectEntry}, {@link org.dormouse.loader.GrubEnvironment}); {@link
 * org.dormouse.loader.DirectWake} writes it, and takes it away.
 */
package org.dormouse.loader;
