/** Reading another kernel's memory. */
package org.dormouse.vmcore;
