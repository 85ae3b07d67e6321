package org.dormouse.lab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dormouse.lab.qemu.DiskBus;
import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void everyKindOfValue() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("pass", true);
    map.put("bytes", 1L << 40);
    map.put("seconds", 1.5);
    map.put("why", "a \"b\" \\ <c>\nd\u0001");
    map.put("disk", DiskBus.NVME);
    map.put("list", List.of(1, Map.of("a", 2.00049)));
    map.put("empty", Map.of());
    String text = Json.of(map);
    assertThat(text).startsWith("{\n").endsWith("}\n").contains("\"seconds\": 1.500,");
    JsonObject read = JsonParser.parseString(text).getAsJsonObject();
    assertThat(read.keySet())
        .containsExactly("pass", "bytes", "seconds", "why", "disk", "list", "empty");
    assertThat(read.get("pass").getAsBoolean()).isTrue();
    assertThat(read.get("bytes").getAsLong()).isEqualTo(1L << 40);
    assertThat(read.get("why").getAsString()).isEqualTo("a \"b\" \\ <c>\nd\u0001");
    assertThat(read.get("disk").getAsString()).isEqualTo("NVME");
    assertThat(read.getAsJsonArray("list").get(1).getAsJsonObject().get("a").getAsString())
        .isEqualTo("2.000");
  }
}
