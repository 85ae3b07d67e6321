package org.dormouse.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
  private enum Disk {
    NVME
  }

  @Test
  void everyKindOfValue() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("pass", true);
    map.put("bytes", 1L << 40);
    map.put("count", -1);
    map.put("seconds", 1.5);
    map.put("why", "a \"b\" \\ <c>\nd\u0001 \u00e4 \ud83d\udc2d");
    map.put("disk", Disk.NVME);
    map.put("list", List.of(1, Map.of("a", 2.00049)));
    map.put("nothing", Map.of());
    map.put("none", List.of());
    assertThat(Json.of(map))
        .isEqualTo(
            """
            {
              "pass": true,
              "bytes": 1099511627776,
              "count": -1,
              "seconds": 1.500,
              "why": "a \\"b\\" \\\\ <c>\\nd\\u0001 \\u00e4 \\ud83d\\udc2d",
              "disk": "NVME",
              "list": [
                1,
                {
                  "a": 2.000
                }
              ],
              "nothing": {},
              "none": []
            }
            """);
  }

  @Test
  void whatHasNoFormInJsonIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Json.of(Map.of("object", new StringBuilder())));
  }
}
