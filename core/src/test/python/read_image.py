#!/usr/bin/env python3
"""Reads an image that is complete and not sealed, by docs/image-format.md and nothing else.

Prints the details' length and CRC-32, then for each page, in ascending order: its PFN, and "zero" or the
CRC-32 of its contents. Ends with a message and exit code 1 if anything breaks a rule of that page.
"""

import struct
import sys
import zlib

PAGE = 4096
PAGES_PER_WINDOW = 256
RAW, LZ4, ZERO = 0, 1, 2
MASK = (1 << 64) - 1
P1, P2, P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
P4, P5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5


def fail(why):
    sys.exit("damaged: " + why)


def posix_cksum(data):
    """The CRC of POSIX cksum, of data and then of its length."""
    crc = 0
    length = len(data)
    tail = bytearray()
    while length:
        tail.append(length & 0xFF)
        length >>= 8
    for byte in data + tail:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1) ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1
        crc &= 0xFFFFFFFF
    return crc ^ 0xFFFFFFFF


def rotate(word, bits):
    return ((word << bits) | (word >> (64 - bits))) & MASK


def xxh64_round(lane, word):
    return rotate((lane + word * P2) & MASK, 31) * P1 & MASK


def xxh64(data):
    """XXH64 with seed 0."""
    at, length = 0, len(data)
    if length >= 32:
        lanes = [(P1 + P2) & MASK, P2, 0, -P1 & MASK]
        for words in struct.iter_unpack("<4Q", data[: length // 32 * 32]):
            lanes = [xxh64_round(lane, word) for lane, word in zip(lanes, words)]
        at = length // 32 * 32
        total = sum(rotate(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18))) & MASK
        for lane in lanes:
            total = ((total ^ xxh64_round(0, lane)) * P1 + P4) & MASK
    else:
        total = P5
    total = (total + length) & MASK
    while at + 8 <= length:
        (word,) = struct.unpack_from("<Q", data, at)
        total = (rotate(total ^ xxh64_round(0, word), 27) * P1 + P4) & MASK
        at += 8
    if at + 4 <= length:
        (word,) = struct.unpack_from("<I", data, at)
        total = (rotate(total ^ (word * P1 & MASK), 23) * P2 + P3) & MASK
        at += 4
    for byte in data[at:]:
        total = rotate(total ^ (byte * P5 & MASK), 11) * P1 & MASK
    total = (total ^ (total >> 33)) * P2 & MASK
    total = (total ^ (total >> 29)) * P3 & MASK
    return total ^ (total >> 32)


def lz4_block(data, wanted):
    """One block of LZ4, https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md."""

    def extended(length, at):
        if length == 15:
            while True:
                byte = data[at]
                at += 1
                length += byte
                if byte != 255:
                    break
        return length, at

    out = bytearray()
    at = 0
    while True:
        token = data[at]
        literals, at = extended(token >> 4, at + 1)
        out += data[at : at + literals]
        at += literals
        if at >= len(data):
            break
        (offset,) = struct.unpack_from("<H", data, at)
        match, at = extended(token & 15, at + 2)
        match += 4
        if offset == 0 or offset > len(out):
            fail("an LZ4 match before the beginning")
        start = len(out) - offset
        for i in range(match):
            out.append(out[start + i])
    if len(out) != wanted:
        fail("a chunk has %d bytes, not %d" % (len(out), wanted))
    return bytes(out)


class Image:
    def __init__(self, store):
        self.store = store
        header = self.read(0, 4096)
        sector, described = header[:512], header[512:]
        if not header.startswith(b"DORMOUSE 3\n"):
            fail("not an image of version 3")
        if sector[496:] != b"check=%010d" % posix_cksum(sector[:496]):
            fail("sector 0 does not match its check")
        state = dict(self.lines(sector[:496])[1:])
        if state["state"] not in ("COMPLETE", "DUMP"):
            fail("the state is " + state["state"])
        if "%016x" % xxh64(described) != state["description"]:
            fail("the description does not match its checksum")
        self.description = dict(self.lines(described))
        if "seal" in self.description:
            fail("the image is sealed")

    @staticmethod
    def lines(text):
        found = text.rstrip(b"\n").decode().split("\n")
        return [tuple(line.split("=", 1)) if "=" in line else (line, "") for line in found]

    def read(self, offset, length):
        self.store.seek(offset)
        data = self.store.read(length)
        if len(data) != length:
            fail("the store ends at %d" % (offset + len(data)))
        return data

    def checked(self, offset, length, checksum, what):
        data = self.read(offset, length)
        if xxh64(data) != checksum:
            fail("%s at %d does not match its checksum" % (what, offset))
        return data

    def details(self):
        length, checksum = self.description["details"].split()
        return self.checked(4096, int(length), int(checksum, 16), "the details")

    def entries(self):
        """All entries, the last segment's first."""
        offset, length, checksum = self.description["index"].split()
        offset, length, checksum = int(offset), int(length), int(checksum, 16)
        while length:
            if offset % 4096 or (length - 64) % 64 or not 128 <= length <= 1 << 20:
                fail("a segment of %d bytes at %d" % (length, offset))
            segment = self.checked(offset, length, checksum, "a segment")
            if segment[24:64].strip(b"\0"):
                fail("the head of a segment is longer than it should be")
            for entry in struct.iter_unpack("<Q32sQIIQ", segment[64:]):
                yield entry
            offset, length, checksum = struct.unpack_from("<3Q", segment)

    def pages(self):
        """PFN to contents; None for a page that has to be zero."""
        pages = {}
        chunks = 0
        for window, bits, offset, length, codec, checksum in self.entries():
            chunks += 1
            if window % PAGES_PER_WINDOW:
                fail("a window at page %d" % window)
            which = [i for i in range(PAGES_PER_WINDOW) if bits[i // 8] >> i % 8 & 1]
            contents = b""
            if codec != ZERO:
                contents = self.checked(offset, length, checksum, "a chunk")
            if codec == LZ4:
                contents = lz4_block(contents, PAGE * len(which))
            elif codec == RAW and length != PAGE * len(which) or codec not in (RAW, LZ4, ZERO):
                fail("a chunk of codec %d with %d bytes" % (codec, length))
            for number, page in enumerate(which):
                if window + page in pages:
                    fail("page %d comes twice" % (window + page))
                pages[window + page] = (
                    None if codec == ZERO else contents[number * PAGE : (number + 1) * PAGE]
                )
        zero = sum(contents is None for contents in pages.values())
        said = [int(self.description[key]) for key in ("chunks", "pages_zero", "pages_saved")]
        if said != [chunks, zero, len(pages) - zero]:
            fail("the header counts %s, the index has %s" % (said, [chunks, zero, len(pages) - zero]))
        return pages


def main():
    with open(sys.argv[1], "rb") as store:
        image = Image(store)
        details = image.details()
        print("details %d %08x" % (len(details), zlib.crc32(details)))
        for pfn, contents in sorted(image.pages().items()):
            print("%d %s" % (pfn, "zero" if contents is None else "%08x" % zlib.crc32(contents)))


main()
