/**
 * What the lab's machines need before they can start, made once and kept: the kernel, the software
 * that runs in the guests, the initramfs.
 *
 * <p>Every product is a folder in the cache whose name ends in a key computed from all that went
 * into it. A folder that has its final name is complete. Packages of the distribution are not
 * installed here but by the launcher script, for there is no Java without it; nothing here needs
 * root. Running machines is not the business of this package either.
 */
package org.dormouse.lab.setup;
