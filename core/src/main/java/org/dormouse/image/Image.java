package org.dormouse.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.UUID;
import org.dormouse.store.Store;
import org.dormouse.store.StoreException;

/** The image in a store as a whole: its header, and the moves that an existing image makes. */
public final class Image {
  private Image() {}

  /**
   * The header, whatever state the image is in.
   *
   * @throws ImageFormatException if there is none, or it is of another version or damaged
   * @throws StoreException if the store cannot be read
   */
  public static ImageHeader header(Store store) throws StoreException, ImageFormatException {
    if (store.size() < ImageHeader.BLOCK_BYTES) {
      throw new ImageFormatException(
          Damage.NOT_AN_IMAGE, store.name() + " has only " + store.size() + " bytes");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocate(ImageHeader.BLOCK_BYTES, Store.ALIGNMENT);
      store.read(0, block);
      return ImageHeader.decode(block);
    }
  }

  /**
   * Says, durably, that an image is about to be written: the saver kernel finds its store by that,
   * and the way back through it. Whatever was in the store is lost.
   *
   * @throws StoreException if the store cannot be written
   */
  public static void claim(Store store, ImageOrigin origin, WayBack wayBack) throws StoreException {
    put(store, ImageHeader.writing(origin, wayBack));
  }

  /**
   * Says, durably, that the image has been resumed: it will never be resumed again.
   *
   * @param image the image that is meant, lest another be marked
   * @throws ImageFormatException if the store holds another image, or not a complete one
   * @throws StoreException if the store cannot be written; the image may or may not be marked
   */
  public static void markConsumed(Store store, UUID image)
      throws StoreException, ImageFormatException {
    ImageHeader header = header(store);
    checkComplete(header);
    if (!header.origin().image().equals(image)) {
      throw new ImageFormatException(
          Damage.NOT_COMPLETE,
          String.format("%s holds image %s, not %s", store.name(), header.origin().image(), image));
    }
    put(store, header.consumed());
  }

  /**
   * Takes the image away, durably, whatever state it is in and however damaged.
   *
   * @throws ImageFormatException if the store does not begin as an image does; it is untouched
   * @throws StoreException if the store cannot be read or written
   */
  public static void discard(Store store) throws StoreException, ImageFormatException {
    try {
      header(store);
    } catch (ImageFormatException e) {
      if (e.damage() == Damage.NOT_AN_IMAGE) {
        throw e;
      }
      // Whatever else is wrong with it, it is ours, and about to go.
    }
    put(store, ImageHeader.empty());
  }

  /** Refuses what is not {@link ImageState#COMPLETE}. */
  static void checkComplete(ImageHeader header) throws ImageFormatException {
    switch (header.state()) {
      case COMPLETE -> {}
      case EMPTY -> throw new ImageFormatException(Damage.NOT_COMPLETE, "the store is empty");
      case WRITING ->
          throw new ImageFormatException(
              Damage.NOT_COMPLETE,
              "image "
                  + header.origin().image()
                  + ", begun at "
                  + header.origin().created()
                  + ", was not written to its end");
      case CONSUMED ->
          throw new ImageFormatException(
              Damage.ALREADY_USED,
              "image " + header.origin().image() + " of " + header.origin().created());
    }
  }

  /** Replaces the header, whole or not at all, and makes that durable. */
  static void put(Store store, ImageHeader header) throws StoreException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocate(ImageHeader.BLOCK_BYTES, Store.ALIGNMENT);
      header.encode(block);
      store.write(0, block);
      store.flush();
    }
  }
}
