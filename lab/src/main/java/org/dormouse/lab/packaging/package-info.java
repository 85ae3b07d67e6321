/**
 * The Debian package: {@code ./dormouse package}.
 *
 * <p>It holds what guests of the laboratory run too, the software tree of {@link
 * org.dormouse.initramfs.SoftwareTree}, and what only a person's machine needs: manual pages and
 * completion, made from the model of the command line, and the files that a package has. What goes
 * in is decided here by pure functions of the software; {@link
 * org.dormouse.lab.packaging.DebianPackage} writes files and runs the distribution's tools.
 */
package org.dormouse.lab.packaging;
