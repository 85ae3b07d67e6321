/**
 * The demonstration: a guest that works, sleeps, is switched off and proves after the next power-on
 * that it is where it was.
 *
 * <p>{@link org.dormouse.lab.demo.Scenario} drives the machines, one verb a method; tests use it
 * too. {@link org.dormouse.lab.demo.StageLog} reads from their consoles what took how long, {@link
 * org.dormouse.lab.demo.Comparison} says whether the guest is the same as before, and {@link
 * org.dormouse.lab.demo.Demo} puts these together and tells the story.
 */
package org.dormouse.lab.demo;
