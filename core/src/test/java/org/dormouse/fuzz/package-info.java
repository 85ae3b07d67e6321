/**
 * What fuzz targets share. The targets themselves are in the packages whose readers they try: all
 * classes whose names end in {@code Fuzz}. CONTRIBUTING.md says how they are run.
 */
package org.dormouse.fuzz;
