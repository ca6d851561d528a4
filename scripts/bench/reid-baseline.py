# The Re-ID kernels in blocked NumPy, as a yardstick: one task letter per line on stdin, its
# milliseconds on stdout. Arguments: folder with the vectors, number of processes.
import os
import sys

folder, processes = sys.argv[1], int(sys.argv[2])
os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')

import json
import multiprocessing
import time

import numpy as np

shape = json.load(open(os.path.join(folder, 'shape.json')))
x = np.fromfile(os.path.join(folder, 'vectors.f32'), np.float32).reshape(-1, shape['dimensions'])
profiles = np.fromfile(os.path.join(folder, 'profiles.f32'), np.float32).reshape(-1, shape['dimensions'])
groups = np.fromfile(os.path.join(folder, 'groups.i32'), np.int32)
bursts = np.fromfile(os.path.join(folder, 'bursts.i32'), np.int32)
BINS = 2000
ROWS, COLUMNS = 512, 1024
n = len(x)
blocks = [(i, j) for i in range(0, n, ROWS) for j in range(i - i % COLUMNS, n, COLUMNS)]


def bins(scores):
    scores *= BINS / 2
    scores += BINS / 2
    return np.bincount(scores.astype(np.intp).ravel(), minlength=BINS + 1)[: BINS + 1]


def upper(i, j, rows, columns):
    return np.arange(i, i + rows)[:, None] < np.arange(j, j + columns)[None, :]


def pairs(part):
    """All pairs by score; mated pairs and pairs of one burst are few and are picked out of the block."""
    total, mated, burst = np.zeros((3, BINS + 1), np.int64)
    for i, j in blocks[part::processes]:
        s = x[i : i + ROWS] @ x[j : j + COLUMNS].T
        same = groups[i : i + ROWS, None] == groups[None, j : j + COLUMNS]
        near = bursts[i : i + ROWS, None] == bursts[None, j : j + COLUMNS]
        if j < i + ROWS:
            keep = upper(i, j, *s.shape)
            same &= keep
            near &= keep
        mated += bins(s[same & ~near])
        burst += bins(s[near])
        total += bins(s[keep] if j < i + ROWS else s)
    return total, mated, burst


def all_pairs(pool):
    return np.sum(pool.map(pairs, range(processes)), axis=0)


TASKS = {'A': lambda pool: x @ profiles.T, 'B': all_pairs}

if __name__ == '__main__':
    with multiprocessing.get_context('fork').Pool(processes) as pool:
        print(json.dumps({'numpy': np.__version__}), flush=True)
        for line in sys.stdin:
            start = time.perf_counter()
            found = TASKS[line.strip()](pool)
            ms = (time.perf_counter() - start) * 1000
            # B: pairs in all, mated, of one burst; A: the sum of all scores.
            check = found.sum(1).tolist() if line.strip() == 'B' else [float(found.sum(dtype=np.float64))]
            print(json.dumps({'ms': ms, 'check': check}), flush=True)
