"""One process of the house under a smaller limit per address, for measurements that should not take all day.

python -m tests.e2e.scaled 200 fetch
"""

import sys
from dataclasses import replace

from adapters.sources.personio import ADDRESS
from bootstrap import accounts, scheduler, worker


def main(words: list[str]) -> None:
    """Keep to so many requests a minute from one address, whatever Personio would allow."""
    requests, role = int(words[0]), words[1]
    vars(accounts)["ADDRESS"] = replace(ADDRESS, requests=requests)
    if role == "scheduler":
        scheduler.main()
    else:
        worker.main([role])


if __name__ == "__main__":
    main(sys.argv[1:])
