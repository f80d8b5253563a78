"""A client of inflight.v1 that believes nothing: it rebuilds the table, checks every frame and prints what it holds.

Written from app/wire/PROTOCOL.md alone; client.mjs is its twin in another language and takes the same flags.
"""

import argparse
import json
import pathlib
import socket
import sys
import time
import zlib

import msgpack
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import connect

from table import PlainTable, StreamTable, Violation

DICTIONARY = (pathlib.Path(__file__).resolve().parents[3] / "fixtures/wire/dictionary.bin").read_bytes()
SILENCE_S = 40
CHECK_S = 0.02


class Client:
    def __init__(self, options):
        self.options = options
        self.form = "json" if options.json else "msgpack"
        self.table = self.empty_table()
        self.started = self.moved = self.heard = time.monotonic()
        self.ticks = self.digests = self.ping = 0
        self.resumed = None
        self.is_back = options.drop is None
        self.is_greeted = self.was_ready = False
        self.link = None

    def run(self):
        """Stays until the options are met and returns what the client holds then."""
        while not self.is_done():
            with self.connect() as self.link:
                self.stay()
        return self.result()

    def connect(self):
        base = self.options.url.replace("http", "ws", 1).rstrip("/")
        url = f"{base}/ws/flights?format={self.form}" if self.options.plain else f"{base}/stream/ws"
        protocols = None if self.options.plain else [self.protocol()]
        # A table may be larger than the megabyte that the library takes by default.
        return connect(url, subprotocols=protocols, max_size=None, close_timeout=1)

    def protocol(self):
        return f"inflight.v1.{self.form}{'.deflate' if self.options.deflate else ''}"

    def stay(self):
        """Listens until the options are met or the connection is to be broken."""
        wanted = None if self.options.plain else self.protocol()
        if self.link.subprotocol != wanted:
            raise Violation(f"the server chose {self.link.subprotocol}, asked for {wanted}")
        self.is_greeted = False
        self.heard = time.monotonic()
        while not self.is_done():
            self.watch()
            try:
                message = self.link.recv(timeout=CHECK_S)
            except TimeoutError:
                continue
            self.heard = time.monotonic()
            self.hear(message)
            if self.is_to_drop():
                self.drop()
                return

    def is_to_drop(self):
        return not self.is_back and self.ticks >= self.options.drop

    def drop(self):
        # Without a closing handshake, as a lost network would.
        self.link.socket.shutdown(socket.SHUT_RDWR)
        time.sleep(self.options.away)
        self.is_back = True
        # The plain feed cannot resume: it starts again with a snapshot.
        if self.options.plain:
            self.table = self.empty_table()

    def hear(self, data):
        if isinstance(data, str) != self.options.json:
            raise Violation(f"a {type(data).__name__} message in the form {self.form}")
        if self.options.deflate:
            data = zlib.decompressobj(-zlib.MAX_WBITS, zdict=DICTIONARY).decompress(data)
        message = json.loads(data) if self.options.json else msgpack.unpackb(data)
        if not self.options.plain and self.hear_control(message[0]):
            return
        before = (self.table.epoch, self.table.cut)
        kind = self.table.take(message)
        has_moved = before != (self.table.epoch, self.table.cut)
        if has_moved:
            self.moved = self.heard
        if self.resumed == "asked" and kind in ("tick", "snapshot"):
            self.resumed = kind
        if kind == "digest" and self.is_digest_fresh():
            self.digests += 1
        if kind in ("tick", "delta") and has_moved:
            self.ticks += 1

    def hear_control(self, header):
        """Takes a frame that is no part of the table; answers whether this was one."""
        kind = header["type"]
        if (kind == "hello") == self.is_greeted:
            raise Violation(f"{kind} came {'a second time' if self.is_greeted else 'before hello'}")
        if kind == "hello":
            self.greet(header)
        elif kind == "error":
            raise Violation(f"error {header['code']}: {header['message']}")
        elif kind == "bye":
            raise Violation(f"the server goes away: {header['reason']}")
        elif kind == "pong":
            if header["id"] != self.ping:
                raise Violation(f"pong {header['id']}, expected {self.ping}")
        else:
            return False
        return True

    def greet(self, hello):
        if hello["protocol"] != "inflight.v1":
            raise Violation(f"the server speaks {hello['protocol']}")
        self.is_greeted = True
        subscribe = {"type": "subscribe", "topics": ["flights", "system"]}
        if self.table.is_placed:
            subscribe["resume"] = {"epoch": self.table.epoch, "cut": self.table.cut}
            self.resumed = "asked"
        self.send(subscribe)
        self.ping += 1
        self.send({"type": "ping", "id": self.ping})

    def send(self, message):
        self.link.send(json.dumps(message) if self.options.json else msgpack.packb(message))

    def watch(self):
        now = time.monotonic()
        if now - self.started > self.options.timeout:
            place = f"{self.table.epoch}:{self.table.cut}, {self.ticks} ticks, {self.digests} digests, resumed {self.resumed}"
            raise TimeoutError(f"not done after {self.options.timeout} s: at {place}")
        # The plain feed promises no sign of life.
        if not self.options.plain and now - self.heard > SILENCE_S:
            raise Violation(f"nothing was heard for {SILENCE_S} s")

    def is_digest_fresh(self):
        return self.table.said is not None and self.table.said["cut"] == self.table.cut

    def is_done(self):
        options, now = self.options, time.monotonic()
        is_ready = (
            self.table.is_placed
            and self.is_back
            and self.resumed != "asked"
            and self.ticks >= options.ticks
            and (not options.digest or (self.digests > 0 and self.is_digest_fresh()))
            and now - self.started >= options.seconds
        )
        if is_ready and options.settle > 0 and not self.was_ready:
            self.was_ready = True
            print("ready", file=sys.stderr, flush=True)
        return is_ready and now - self.moved >= options.settle

    def empty_table(self):
        return PlainTable() if self.options.plain else StreamTable(self.form)

    def result(self):
        table, flights = self.table, self.table.payloads()
        return {
            "epoch": table.epoch,
            "cut": table.cut,
            "count": len(flights),
            "digest": table.digest(),
            "flights": flights,
            "flights_cut": table.flights_cut,
            "ticks": self.ticks,
            "resumed": self.resumed,
            "digests_verified": table.digests_verified,
            "said": table.said,
        }


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", help="where the server is, such as http://127.0.0.1:3000")
    parser.add_argument("--json", action="store_true", help="text instead of MessagePack")
    parser.add_argument("--deflate", action="store_true", help="each message of the server deflated by itself")
    parser.add_argument("--plain", action="store_true", help="/ws/flights instead of /stream/ws")
    parser.add_argument("--ticks", type=int, default=0, help="stay until so many ticks (deltas) have come that lead to another cut")
    parser.add_argument("--digest", action="store_true", help="stay until a digest was checked after those")
    parser.add_argument("--seconds", type=float, default=0, help="stay at least so long")
    parser.add_argument("--settle", type=float, default=0, help="stay until the cut has stood still for so long; says ready on stderr when all else is met")
    parser.add_argument("--drop", type=int, default=None, help="break the connection after so many ticks and come back with resume")
    parser.add_argument("--away", type=float, default=0.5, help="stay away so long after a break")
    parser.add_argument("--timeout", type=float, default=60, help="give up after so long")
    return parser.parse_args(arguments)


def main():
    try:
        print(json.dumps(Client(parse(sys.argv[1:])).run()))
    except Violation as violation:
        sys.exit(f"violation: {violation}")
    except ConnectionClosed as closed:
        sys.exit(f"violation: the server closed: {closed}")
    except KeyError as missing:
        sys.exit(f"violation: a frame lacks {missing}")
    except (OSError, WebSocketException, ValueError) as error:
        sys.exit(f"failed: {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
