/**
 * The use cases that look at the memory of a dump or image and say what is there: pictures of it,
 * and what differs between two. They run on any machine and change nothing.
 */
package org.dormouse.analyze;
