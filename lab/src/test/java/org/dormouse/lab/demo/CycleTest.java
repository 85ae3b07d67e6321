package org.dormouse.lab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.dormouse.lab.qemu.SerialLine;
import org.dormouse.text.Json;
import org.junit.jupiter.api.Test;

class CycleTest {
  private static Transition transition(int seconds, String... texts) {
    List<SerialLine> lines = new ArrayList<>();
    for (String text : texts) {
      lines.add(new SerialLine(lines.size(), Duration.ofSeconds(1), text));
    }
    return new Transition(Duration.ZERO, Duration.ofSeconds(seconds), lines);
  }

  private static JsonObject json(Cycle cycle) {
    return JsonParser.parseString(Json.of(cycle.figures())).getAsJsonObject();
  }

  @Test
  void aWarmSleepThatIsWokenDirectly() {
    Transition asleep =
        transition(
            3,
            "dormouse: stage save",
            "dormouse: fact warm yes",
            "dormouse: fact pages_saved 100",
            "dormouse: fact pages_zero 20",
            "dormouse: fact pages_free 3",
            "dormouse: fact image_bytes 4096");
    Transition awake = transition(2, "dormouse: stage restore");
    JsonObject json = json(new Cycle(asleep, Wake.DIRECT, awake, List.of()));
    assertThat(json.get("warm").getAsBoolean()).isTrue();
    assertThat(json.get("wake").getAsString()).isEqualTo("direct");
    assertThat(json.get("trigger_to_poweroff_s").getAsDouble()).isEqualTo(3);
    assertThat(json.get("poweron_to_awake_s").getAsDouble()).isEqualTo(2);
    assertThat(json.get("image_bytes").getAsLong()).isEqualTo(4096);
    assertThat(json.get("pages_saved").getAsLong()).isEqualTo(100);
    assertThat(json.get("pages_zero").getAsLong()).isEqualTo(20);
    assertThat(json.get("pages_free").getAsLong()).isEqualTo(3);
    assertThat(json.getAsJsonObject("stages").keySet())
        .containsExactly("sleep_command", "sleep_save", "wake_firmware", "wake_restore");
  }

  @Test
  void aSleepThatDoesNotSayIsACold() {
    Transition transition = transition(1, "dormouse: fact warm no");
    assertThat(new Cycle(transition, Wake.KEXEC, transition, List.of()).warm()).isFalse();
    assertThat(new Cycle(transition(1), Wake.KEXEC, transition(1), List.of()).warm()).isFalse();
  }
}
