/**
 * The use cases: putting a machine to sleep, saving it, waking it. A use case observes, makes a
 * plan, shows it, and carries it out.
 */
package org.dormouse.sleep;
