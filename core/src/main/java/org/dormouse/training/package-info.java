/**
 * What a build has the Java run-time practise, so that it is quick where it counts: a little of
 * everything that {@code sleep} and {@code saver} do. Nothing that a machine needs to sleep.
 */
package org.dormouse.training;
