package org.dormouse.lab.demo;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;

/** How figures are written for programs: JSON, with seconds to the millisecond. */
public final class Json {
  private static final int DECIMALS = 3;

  private static final Gson GSON =
      new GsonBuilder()
          .setPrettyPrinting()
          .disableHtmlEscaping()
          .registerTypeAdapter(
              Double.class,
              (JsonSerializer<Double>) (number, type, context) -> new JsonPrimitive(round(number)))
          .create();

  private Json() {}

  /** Maps, lists, texts, numbers, truth values and enums, as an object in lines. */
  public static String of(Map<String, Object> figures) {
    return GSON.toJson(figures) + "\n";
  }

  private static BigDecimal round(double number) {
    return BigDecimal.valueOf(number).setScale(DECIMALS, RoundingMode.HALF_UP);
  }
}
