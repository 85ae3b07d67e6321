package org.dormouse.lab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void everyKindOfValue() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("pass", true);
    map.put("bytes", 1L << 40);
    map.put("seconds", 1.5);
    map.put("why", "a \"b\" \\ c\nd\u0001");
    map.put("list", List.of(1, Map.of("a", "b")));
    map.put("empty", Map.of());
    assertThat(Json.of(map).replaceAll("\n", ""))
        .isEqualTo(
            "{\"pass\": true,\"bytes\": 1099511627776,\"seconds\": 1.500,"
                + "\"why\": \"a \\\"b\\\" \\\\ c\\nd\\u0001\","
                + "\"list\": [1,{\"a\": \"b\"}],\"empty\": {}}");
  }
}
