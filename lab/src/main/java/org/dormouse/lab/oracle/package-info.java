/**
 * What another program says of the same memory: makedumpfile's choice of pages, read from what it
 * wrote, next to ours.
 */
package org.dormouse.lab.oracle;
