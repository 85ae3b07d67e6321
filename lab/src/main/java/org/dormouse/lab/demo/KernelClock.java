package org.dormouse.lab.demo;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dormouse.lab.qemu.SerialLine;

/**
 * Follows the times that kernels put in front of their lines, in seconds since each began. A time
 * that goes back is that of another, younger kernel.
 */
final class KernelClock {
  private static final Pattern TIME = Pattern.compile("^\\[ *(\\d+)\\.(\\d{6})]");

  private Duration last = Duration.ZERO;

  /** When the kernel began that printed this line, if it is the first time seen of that kernel. */
  Optional<Duration> newKernelSince(SerialLine line) {
    Matcher time = TIME.matcher(line.text());
    if (!time.find()) {
      return Optional.empty();
    }
    Duration now =
        Duration.ofSeconds(Long.parseLong(time.group(1)))
            .plusNanos(Long.parseLong(time.group(2)) * 1000);
    // CPUs that come up late may be behind by some microseconds; a kernel's own banner is at 0.
    boolean another = now.plusSeconds(1).compareTo(last) < 0 && !now.isZero();
    last = now;
    return another ? Optional.of(line.at().minus(now)) : Optional.empty();
  }
}
