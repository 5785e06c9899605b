"""Variables of the environment that every job has, unless the user has set them himself: `python -m` prints them.

glibc gives large arrays back to the system at once and gets them anew, page by page, for every utterance: keeping them
makes WORLD twice as fast; in huge pages, where the system has them for those who ask, large products find their rows
sooner. torch's threads wait by spinning, which takes the cores from others, so they do it for a bounded time. What each
of it saves: docs/benchmarks.md. Other C libraries, and other builds of torch, ignore these.
"""

ENVIRONMENT = {
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),  # bytes
    "MALLOC_TRIM_THRESHOLD_": str(256 * 2**20),  # bytes
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "GOMP_SPINCOUNT": "10000",
}

if __name__ == "__main__":
    print(*(f"{name}={value}" for name, value in ENVIRONMENT.items()))
