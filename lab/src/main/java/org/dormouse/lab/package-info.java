/**
 * The laboratory's commands: {@code dormouse demo} and {@code dormouse lab}, next to all those of
 * {@code cli}. They read the command line and print; what they do is in the packages below.
 */
package org.dormouse.lab;
