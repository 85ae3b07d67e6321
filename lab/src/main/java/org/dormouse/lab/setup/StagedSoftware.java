package org.dormouse.lab.setup;

import org.dormouse.initramfs.Program;
import org.dormouse.initramfs.SoftwareTree;

/**
 * What runs in the guests.
 *
 * @param key of all that went into it
 * @param agent the program among those of the tree that {@code /init} starts
 */
record StagedSoftware(String key, SoftwareTree tree, Program agent) {}
