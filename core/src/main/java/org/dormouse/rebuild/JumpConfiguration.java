package org.dormouse.rebuild;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What is changed in a distribution's configuration, and nothing else. */
public final class JumpConfiguration {
  /** What the kernel must have to be jumped back to. */
  public static final String JUMP = "KEXEC_JUMP";

  /** Appended to the kernel's release, so that it stands beside the stock one. */
  public static final String SUFFIX = "-dormouse";

  /** Options that name files with keys or certificates. */
  private static final Set<String> KEY_FILES =
      Set.of("MODULE_SIG_KEY", "SYSTEM_TRUSTED_KEYS", "SYSTEM_REVOCATION_KEYS");

  /** A key that the build makes if it is not there ({@code certs/Makefile}). */
  private static final String MADE_KEY = "certs/signing_key.pem";

  /**
   * The choice between kinds of debug information; it makes a build several times as large, and BTF
   * wants pahole of the right version ({@code lib/Kconfig.debug}).
   */
  private static final String NO_DEBUG_INFORMATION = "DEBUG_INFO_NONE";

  private static final Pattern OTHER_DEBUG_INFORMATION =
      Pattern.compile("DEBUG_INFO_(DWARF_TOOLCHAIN_DEFAULT|DWARF\\d+)");

  private static final Pattern STRING = Pattern.compile("\"(.*)\"");

  private JumpConfiguration() {}

  /**
   * The configuration with the jump, a release of its own, and without debug information. Answers
   * that name keys which are not there are taken out: modules are then signed with a key that the
   * build makes.
   *
   * @param keyFiles those of {@link #keyFiles} that are there
   */
  public static KernelConfiguration of(KernelConfiguration original, Set<String> keyFiles) {
    Set<String> dropped = new HashSet<>();
    for (String name : original.answers().keySet()) {
      boolean lost = KEY_FILES.contains(name) && !hasKeys(original.value(name), keyFiles);
      if (lost || OTHER_DEBUG_INFORMATION.matcher(name).matches()) {
        dropped.add(name);
      }
    }
    return original
        .without(dropped)
        .with(
            Map.of(
                JUMP,
                KernelConfiguration.ON,
                "LOCALVERSION",
                '"' + localVersion(original) + SUFFIX + '"',
                "LOCALVERSION_AUTO",
                KernelConfiguration.OFF,
                NO_DEBUG_INFORMATION,
                KernelConfiguration.ON));
  }

  /** What the distribution appends to the release by its configuration: Debian nothing. */
  static String localVersion(KernelConfiguration original) {
    return string(original.value("LOCALVERSION"));
  }

  private static boolean hasKeys(String value, Set<String> keyFiles) {
    String file = string(value);
    return file.equals(MADE_KEY) || keyFiles.contains(file);
  }

  /** The files that a configuration names for keys; a relative one is within the source. */
  public static Set<String> keyFiles(KernelConfiguration original) {
    return KEY_FILES.stream()
        .map(name -> string(original.value(name)))
        .filter(file -> !file.isEmpty())
        .collect(Collectors.toSet());
  }

  private static String string(String value) {
    Matcher text = STRING.matcher(value);
    return text.matches() ? text.group(1) : "";
  }

  /**
   * The configuration without the modules that the kernel's own {@code localmodconfig} takes out.
   * It knows which options a module comes from and stands on; all else that it changes is not taken
   * over.
   *
   * @param whole with all modules
   * @param trimmed what {@code localmodconfig} made of it
   */
  public static KernelConfiguration withoutModules(
      KernelConfiguration whole, KernelConfiguration trimmed) {
    Map<String, String> off = new LinkedHashMap<>();
    whole
        .answers()
        .forEach(
            (name, value) -> {
              if (value.equals(KernelConfiguration.MODULE) && !trimmed.has(name)) {
                off.put(name, KernelConfiguration.OFF);
              }
            });
    return whole.with(off);
  }
}
