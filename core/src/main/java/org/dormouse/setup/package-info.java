/**
 * How a machine of a distribution's is set up, so that it sleeps and wakes as its own: {@link
 * org.dormouse.setup.SetupFacts} are what is seen of it, {@link org.dormouse.setup.SetupPlan} is
 * what is to be changed, a pure function of them; {@link org.dormouse.setup.Setup} carries it out,
 * keeps a record of it, and takes exactly that back.
 */
package org.dormouse.setup;
