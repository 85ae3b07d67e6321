package org.dormouse.setup;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.dormouse.loader.BootLoader;
import org.dormouse.loader.DirectWake;
import org.dormouse.machine.Finding;
import org.dormouse.setup.SetupFacts.Services;
import org.dormouse.setup.SetupStep.FirstStart;
import org.dormouse.setup.SetupStep.Mode;
import org.dormouse.text.ReportException;

/**
 * What is to be changed so that a machine sleeps and wakes as its own: a pure function of what was
 * seen of it and of what a person wants.
 *
 * @param steps in the order in which they are done
 * @param notes what a person should know besides
 */
public record SetupPlan(List<SetupStep> steps, List<String> notes) {
  /** Where the commands' defaults are. */
  public static final Path CONFIGURATION = Path.of("/etc/dormouse.conf");

  private static final Path UNITS = Path.of("/etc/systemd/system");
  private static final Path HIBERNATE = UNITS.resolve("systemd-hibernate.service.d/dormouse.conf");
  private static final Path HYBRID = UNITS.resolve("systemd-hybrid-sleep.service.d/dormouse.conf");
  private static final Path LOGIND = UNITS.resolve("systemd-logind.service.d/dormouse.conf");
  private static final Path KERNEL_ADDED = Path.of("/etc/kernel/postinst.d/zz-dormouse");
  private static final Path KERNEL_REMOVED = Path.of("/etc/kernel/postrm.d/zz-dormouse");
  private static final Path KERNEL_INSTALL = Path.of("/etc/kernel/install.d/95-dormouse.install");

  /** GRUB's configuration is made of what the programs in this folder print, in their order. */
  private static final Path GRUB = Path.of("/etc/grub.d/42_dormouse");

  /** All files that a plan may write. */
  static final List<Path> FILES =
      List.of(
          CONFIGURATION,
          HIBERNATE,
          HYBRID,
          LOGIND,
          KERNEL_ADDED,
          KERNEL_REMOVED,
          KERNEL_INSTALL,
          GRUB);

  /** The unit of the package that warms a saver at each boot. */
  public static final String ARM_UNIT = "dormouse-arm.service";

  /** That which unloads a warm saver before the system goes down, whatever has warmed it. */
  public static final String DISARM_UNIT = "dormouse-disarm.service";

  /** Has logind see another environment; a desktop may end by it. */
  static final List<String> RESTART_LOGIND =
      List.of("systemctl", "try-restart", "systemd-logind.service");

  /** The initramfs of the saver of each kernel, as {@code PREFIX RELEASE SUFFIX}, in one folder. */
  static final Path SAVERS = Path.of("/boot");

  static final String SAVER_PREFIX = "dormouse-saver-";
  static final String SAVER_SUFFIX = ".img";

  private static final String WRITTEN_BY =
      "# Written by \"dormouse setup-machine\"; \"dormouse setup-machine --undo\" takes it away.\n";

  private static final String UNTOUCHED = "Nothing was changed; the machine goes on.";

  /** Copies the lists. */
  public SetupPlan {
    steps = List.copyOf(steps);
    notes = List.copyOf(notes);
  }

  /**
   * Plans.
   *
   * @throws ReportException if this machine cannot sleep, or no store is named
   */
  public static SetupPlan of(SetupFacts facts, SetupWishes wishes) throws ReportException {
    Optional<Finding> hindrance = facts.hindrances().stream().findFirst();
    if (hindrance.isPresent()) {
      throw new ReportException(hindrance.get().seen(), UNTOUCHED, hindrance.get().remedy());
    }
    Planner planner = new Planner(facts);
    planner.store(wishes.store());
    planner.configuration(wishes);
    planner.saver();
    planner.kernelHooks();
    planner.systemd();
    if ("yes".equals(wishes.keys().get("direct"))) {
      planner.bootLoader();
    }
    planner.initramfs();
    return new SetupPlan(planner.steps, planner.notes);
  }

  /** A plan that is being made. */
  private static final class Planner {
    private final SetupFacts facts;
    private final List<SetupStep> steps = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    Planner(SetupFacts facts) {
      this.facts = facts;
    }

    void store(Optional<SetupWishes.Store> wanted) throws ReportException {
      if (wanted.isEmpty() && facts.store().isEmpty()) {
        throw new ReportException(
            "no store is named: images need a place",
            UNTOUCHED,
            "Name one with --store: a file that is then made (--store /var/lib/dormouse/store), or a"
                + " partition that can be spared, all of which is lost.");
      }
      if (wanted.isPresent() && wanted.get().kind() instanceof SetupWishes.Kind.ToMake(var bytes)) {
        steps.add(new SetupStep.CreateStore(Path.of(wanted.get().path()), bytes));
      }
    }

    void configuration(SetupWishes wishes) {
      Map<String, String> keys = new HashMap<>(wishes.keys());
      wishes.store().ifPresent(store -> keys.put("store", store.path()));
      keys.put("initramfs", "yes");
      String now = facts.files().getOrDefault(CONFIGURATION, "");
      // What is so already is nobody's to take back.
      keys.entrySet()
          .removeIf(
              key ->
                  ConfigurationText.value(now, key.getKey())
                      .filter(key.getValue()::equals)
                      .isPresent());
      if (!keys.isEmpty()) {
        steps.add(new SetupStep.SetKeys(CONFIGURATION, keys));
      }
    }

    void saver() {
      steps.add(
          new SetupStep.MakeSaver(
              SAVERS.resolve(SAVER_PREFIX + facts.release() + SAVER_SUFFIX), facts.release()));
    }

    void kernelHooks() {
      // A hook that is left over must not be in the way of any kernel.
      String script =
          "#!/bin/sh\n"
              + WRITTEN_BY
              + "[ -x /usr/lib/dormouse/saver-for-kernel ] || exit 0\n"
              + "exec /usr/lib/dormouse/saver-for-kernel %s\n";
      switch (facts.kernelHooks()) {
        case DEBIAN -> {
          write(
              KERNEL_ADDED,
              script.formatted("add \"$1\""),
              Mode.PROGRAM,
              "a kernel that is installed gets a saver");
          write(
              KERNEL_REMOVED,
              script.formatted("remove \"$1\""),
              Mode.PROGRAM,
              "a kernel that is removed loses it");
        }
        case KERNEL_INSTALL ->
            write(
                KERNEL_INSTALL,
                script.formatted("\"$1\" \"$2\""),
                Mode.PROGRAM,
                "a kernel that is installed gets a saver");
        case NONE ->
            notes.add(
                "Nothing here tells of new kernels: run 'dormouse setup-machine' again in each one.");
      }
    }

    void systemd() {
      if (facts.services() == Services.OTHER) {
        notes.add("There is no systemd here: the machine sleeps by 'dormouse hibernate'.");
        return;
      }
      write(
          HIBERNATE,
          dropIn("ExecStart=", "ExecStart=/usr/lib/dormouse/systemd-sleep hibernate"),
          Mode.DATA,
          "systemctl hibernate, lid, power key and menus have dormouse do it");
      write(
          HYBRID,
          dropIn("ExecStart=", "ExecStart=/usr/lib/dormouse/systemd-sleep hybrid-sleep"),
          Mode.DATA,
          "systemctl hybrid-sleep, too");
      write(
          LOGIND,
          dropIn("Environment=SYSTEMD_BYPASS_HIBERNATION_MEMORY_CHECK=1"),
          Mode.DATA,
          "logind offers hibernation though there is no swap for it");
      // Only a unit that was started is stopped when this boot ends, too. Warming a saver stops the
      // machine for seconds: that is left to the next boot, when nobody works yet.
      steps.add(new SetupStep.EnableUnit(DISARM_UNIT, FirstStart.NOW));
      steps.add(new SetupStep.EnableUnit(ARM_UNIT, FirstStart.NEXT_BOOT));
      steps.add(
          new SetupStep.Refresh(List.of("systemctl", "daemon-reload"), "systemd reads its units"));
      if (facts.services() == Services.SYSTEMD) {
        steps.add(
            new SetupStep.Refresh(
                RESTART_LOGIND, "logind sees its new environment; sessions go on"));
      } else {
        notes.add(
            "Somebody works at a desktop, which a restart of logind might end: it offers hibernation"
                + " after the next boot.");
      }
    }

    /** systemd-boot looks at its entries at each boot; GRUB has to be told where another one is. */
    void bootLoader() throws ReportException {
      switch (facts.bootLoader()) {
        case BootLoader.SystemdBoot _ -> {}
        case BootLoader.Grub(Path folder) -> {
          write(
              GRUB,
              "#!/bin/sh\n"
                  + WRITTEN_BY
                  + "cat <<'EOF'\n"
                  + "if [ -f ${prefix}/dormouse.cfg ]; then\n"
                  + "  source ${prefix}/dormouse.cfg\n"
                  + "fi\n"
                  + "EOF\n",
              Mode.PROGRAM,
              "GRUB reads the entry that a sleep writes");
          steps.add(new SetupStep.LayOutBootEntry(folder.resolve(DirectWake.GRUB_ENTRY)));
          boolean isGrub2 = folder.endsWith("grub2");
          steps.add(
              new SetupStep.Refresh(
                  List.of(
                      isGrub2 ? "grub2-mkconfig" : "grub-mkconfig",
                      "--output=" + folder.resolve("grub.cfg")),
                  "GRUB's configuration has what is in /etc/grub.d"));
        }
        case BootLoader.Other(String what) ->
            throw new ReportException(
                "no boot entry can be written for the next boot: there is " + what,
                UNTOUCHED,
                "Leave --direct yes out: the ordinary boot wakes as well.");
      }
    }

    void initramfs() {
      if (facts.initramfsTool() == InitramfsTool.NONE) {
        notes.add(
            "No tool that makes an initramfs is known here: what this machine boots with must run"
                + " /usr/lib/dormouse/wake before it mounts its disks.");
        return;
      }
      if (facts.initramfsTool() == InitramfsTool.MKINITCPIO) {
        notes.add(
            "mkinitcpio takes the hook 'dormouse' only where HOOKS in /etc/mkinitcpio.conf names it:"
                + " behind 'block', before 'encrypt' and 'filesystems'. Then: mkinitcpio -P;"
                + " 'dormouse doctor' tells whether the next boot looks for an image.");
      }
      steps.add(
          new SetupStep.Refresh(
              facts.initramfsTool().command(), "the next boot looks for an image, and wakes it"));
    }

    /** What is so already is no step. */
    private void write(Path file, String text, Mode mode, String why) {
      if (!text.equals(facts.files().get(file))) {
        steps.add(new SetupStep.WriteFile(file, text, mode, why));
      }
    }

    private static String dropIn(String... lines) {
      return WRITTEN_BY + "[Service]\n" + String.join("\n", lines) + "\n";
    }
  }
}
