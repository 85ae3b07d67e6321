package org.dormouse.lab.qemu;

/**
 * A command that was typed into a guest and may still be running. It can be waited for at another
 * machine's {@link Shell} than the one it was typed at: a guest that slept in between goes on with
 * it there.
 *
 * @param command as it was typed
 * @param marker what tells its output from everything else
 */
public record RunningCommand(String command, String marker) {}
