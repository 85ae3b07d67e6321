package org.dormouse.example;

import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.dormouse.boot.BareProgram;
import org.dormouse.boot.ProcessorMode;
import org.dormouse.physical.PhysicalCall;
import org.dormouse.physical.PhysicalCall.Outcome;

/** Has machine code add up the bytes of a text, on the bare processor. */
public final class CallCode {
  private CallCode() {}

  public static void main(String[] arguments) throws Exception {
    byte[] code = Files.readAllBytes(Path.of(arguments[0]));
    PhysicalCall call =
        PhysicalCall.of(BareProgram.flat(ProcessorMode.LONG, code))
            .withInput(arguments[1].getBytes(StandardCharsets.UTF_8))
            .withOutput(Long.BYTES)
            .withLimit(Duration.ofSeconds(5));
    switch (call.run()) {
      case Outcome.Returned(_, var output) ->
          System.out.println("sum " + output.get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
      case Outcome.Faulted(var record) -> System.out.println("exception " + record.vector());
      case Outcome.TimedOut _ -> System.out.println("it took too long");
    }
  }
}
