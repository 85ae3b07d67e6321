package org.dormouse.lab.demo;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What a guest says about itself and its workload at one moment.
 *
 * @param values by name, as the guest's {@code state} command prints them
 */
public record GuestState(Map<String, String> values) {
  private static final Pattern LINE = Pattern.compile("(?m)^(\\w+)=(.*)$");

  public GuestState {
    values = Map.copyOf(values);
  }

  /** Reads lines {@code name=value}; others are left out. */
  public static GuestState parse(String output) {
    Map<String, String> values = new LinkedHashMap<>();
    LINE.matcher(output)
        .results()
        .forEach((MatchResult line) -> values.put(line.group(1), line.group(2)));
    return new GuestState(values);
  }

  /**
   * The value with this name.
   *
   * @throws IllegalArgumentException if the guest did not say
   */
  public String text(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the guest does not say what its " + name + " is");
    }
    return value;
  }

  /** The value with this name, as a whole number. */
  public long number(String name) {
    return Long.parseLong(text(name));
  }
}
