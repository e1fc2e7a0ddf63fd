"""How often the joined verdict is right, open or wrong over the kept faults of four worlds."""

import time

from tests.support.side import joined

WORLDS = ("short", "tunnel", "long_haul", "ipv6")


def main() -> None:
    """Prints the table of marks, every wrong side, and what a verdict costs."""
    began = time.process_time()
    rows = [row for world in WORLDS for row in joined.all_scored(world, joined.kept(world))]
    spent = time.process_time() - began
    print("joined verdict, faults of four worlds (rules made on short and tunnel)")
    print("\n".join(joined.table(rows)))
    print("\n".join(joined.complaints(rows)) or "nobody is accused wrongly")
    print(f"{1000 * spent / len(rows):.0f} ms of CPU a verdict, reading included")


if __name__ == "__main__":
    main()
