package org.dormouse.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.dormouse.loader.BootLoader;
import org.dormouse.protocol.Then;
import org.dormouse.seal.MachineKey;
import org.dormouse.sleep.Hibernate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Sends the machine to sleep. */
@Command(
    name = "hibernate",
    description = {
      "Saves the machine's memory into a store and powers off; the next boot goes on from there.",
      "What is not said here is taken from /etc/dormouse.conf, if it is said there."
    },
    mixinStandardHelpOptions = true)
final class HibernateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--to",
      paramLabel = "STORE",
      description =
          "Where the image goes: a block device, all of which is lost, or a file that 'dormouse store"
              + " create' has made (default: that of dormouse.resume= on the kernel's command line,"
              + " else that of /etc/dormouse.conf).")
  private Optional<Path> store = Optional.empty();

  @Mixin private SaverFileOptions files;

  @Option(
      names = "--image-size",
      paramLabel = "SIZE",
      converter = ByteSize.class,
      description =
          "What the image should take at most, e.g. 2G: page cache is dropped until it is sure to"
              + " fit, and nothing else (default: no limit).")
  private Optional<Long> imageSize = Optional.empty();

  @Mixin private SaverCodecOption codec;

  @Option(
      names = "--then",
      paramLabel = "WHAT",
      description =
          "What becomes of the machine when the image is complete: poweroff, reboot; suspend (to RAM;"
              + " when it is woken up it goes on and the image is taken away, if the power fails"
              + " the next boot wakes it); return (it goes on, and the image is taken away: to try"
              + " everything but the wake). Default: poweroff.")
  private Optional<Then> then = Optional.empty();

  @Mixin private StayOptions stay;

  @Mixin private DryRunOption dryRun;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Configuration configuration = ConfigurationFile.read();
    Optional<MachineKey> key = ConfigurationFile.machineKey(configuration);
    try {
      return call(out, configuration, key);
    } finally {
      key.ifPresent(MachineKey::close);
    }
  }

  private int call(PrintWriter out, Configuration configuration, Optional<MachineKey> key)
      throws IOException {
    Hibernate.Request request =
        new Hibernate.Request(
            chosenStore(configuration),
            files.find(),
            imageSize.or(configuration::imageSize).orElse(Long.MAX_VALUE),
            key,
            codec.chosen().or(configuration::codec),
            then.orElse(configuration.then()),
            stay.chosen(configuration.timeout()),
            configuration.direct() == Configuration.NextBoot.DIRECT
                ? Optional.of(BootLoader.observe())
                : Optional.empty());
    Hibernate hibernate = new Hibernate(new UserJournal(out));
    out.println(
        key.map(k -> "the image will be sealed for key " + KeyCommand.shown(k.publicKey()))
            .orElse("the image will NOT be sealed: there is no key (dormouse key create)"));
    if (dryRun.isWanted()) {
      hibernate.dryRun(request).forEach(out::println);
      return ExitCode.OK;
    }
    out.println(
        switch (hibernate.run(request)) {
          case WOKEN -> "awake again";
          case RESUMED -> "awake again: woken up from RAM, and the image was taken away";
          case CAME_BACK -> "was saved, and is back; the image was taken away";
        });
    return ExitCode.OK;
  }

  private String chosenStore(Configuration configuration) throws IOException {
    return store.isPresent() ? store.get().toString() : StoreCommand.configured(configuration);
  }
}
