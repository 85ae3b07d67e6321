package org.dormouse.lab.bench;

import java.util.OptionalLong;

/**
 * One program's run over a vmcore.
 *
 * @param label whose
 * @param seconds from its start to its end
 * @param secondsToDisk until what it wrote was on the disk too
 * @param bytes of what it wrote, if it did
 */
public record ImageMeasurement(
    String label, double seconds, double secondsToDisk, OptionalLong bytes) {}
