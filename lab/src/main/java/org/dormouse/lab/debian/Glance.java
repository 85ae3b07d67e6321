package org.dormouse.lab.debian;

import org.dormouse.lab.demo.GuestState;

/**
 * What is seen of a Debian at one moment.
 *
 * @param state what it says itself
 * @param ssh the last number that came over the ssh session
 * @param http what its web server answered then
 */
record Glance(GuestState state, long ssh, HttpConnection.Answer http) {}
