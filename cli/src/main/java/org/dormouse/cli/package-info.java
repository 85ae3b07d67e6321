/**
 * The {@code dormouse} command: it parses, calls a use case of {@link org.dormouse.sleep}, and
 * prints. It decides nothing about kernels, memory or images. {@code Daemon} does the same for
 * launchers that ask, as long as a warm saver waits.
 *
 * <p>Results go to standard output, errors to standard error in three parts: what happened, what
 * state things are in, what to do. Exit codes are those of {@link org.dormouse.cli.ExitCode}.
 */
package org.dormouse.cli;
