package org.dormouse.lab;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import org.dormouse.store.BlockStore;
import org.dormouse.store.Store;
import org.dormouse.text.ReportException;

/** A store on the host that goes on with the {@link WriteLog} that QEMU has written of it. */
final class LoggingStore implements Store {
  private static final int SECTOR = WriteLog.SECTOR_BYTES;

  private final BlockStore disk;
  private final FileChannel log;
  private long entries;

  private LoggingStore(BlockStore disk, FileChannel log, long entries) {
    this.disk = disk;
    this.log = log;
    this.entries = entries;
  }

  /** Opens a disk that no machine has. */
  static LoggingStore of(LoggedDisk logged) throws IOException {
    long entries = WriteLog.length(logged.log());
    BlockStore disk = BlockStore.forWriting(logged.disk().file());
    return new LoggingStore(
        disk, FileChannel.open(logged.log(), StandardOpenOption.WRITE), entries);
  }

  @Override
  public String name() {
    return disk.name();
  }

  @Override
  public long size() {
    return disk.size();
  }

  @Override
  public void read(long offset, MemorySegment target) throws ReportException {
    disk.read(offset, target);
  }

  @Override
  public void write(long offset, MemorySegment source) throws ReportException {
    disk.write(offset, source);
    try {
      append(offset / SECTOR, source.byteSize() / SECTOR, 0);
      append(source.asByteBuffer());
    } catch (IOException e) {
      throw notLogged(e);
    }
  }

  @Override
  public void flush() throws ReportException {
    disk.flush();
    try {
      append(0, 0, WriteLog.FLUSH);
    } catch (IOException e) {
      throw notLogged(e);
    }
  }

  private static ReportException notLogged(IOException e) {
    return new ReportException("cannot write the log: " + e.getMessage(), "", "");
  }

  private void append(long sector, long sectors, long flags) throws IOException {
    long end = Math.max(log.size(), SECTOR);
    entries++;
    log.write(words(WriteLog.MAGIC, WriteLog.VERSION, entries, SECTOR), 0);
    log.write(words(sector, sectors, flags, 0), end);
  }

  private void append(ByteBuffer bytes) throws IOException {
    long end = log.size();
    while (bytes.hasRemaining()) {
      log.write(bytes, end + bytes.position());
    }
  }

  private static ByteBuffer words(long... words) {
    ByteBuffer sector = ByteBuffer.allocate(SECTOR).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < words.length; i++) {
      sector.putLong(i * Long.BYTES, words[i]);
    }
    return sector;
  }

  @Override
  public void close() throws ReportException {
    try (log) {
      disk.close();
    } catch (ReportException e) {
      throw e;
    } catch (IOException e) {
      throw notLogged(e);
    }
  }
}
