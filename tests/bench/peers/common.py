"""What every peer shares: its settings, the made-up images, the weights' file, and the line it prints.

A peer gets its settings as one JSON argument, runs one round and prints one JSON line.
"""
import json
import os
import platform
import resource
import struct
import sys
import time

import numpy as np

# Before TensorFlow is imported.
os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
settings = json.loads(sys.argv[1])
IMAGE = 32 * 32 * 3
CLASSES = 100
HYPER = {'alpha': 0.3, 'lambda': 0.03, 'temperature': 3.0, 'momentum': 0.9, 'weightDecay': 5e-4, 'learningRate': 0.01}


def scrambled(start, count):
    """Made-up numbers of 32 bits: the same in both languages, see ours/made-up.ts."""
    x = (np.arange(start, start + count, dtype=np.uint64) * 2654435761 % 2**32).astype(np.uint32)
    x ^= x >> 16
    x = (x.astype(np.uint64) * 2246822519 % 2**32).astype(np.uint32)
    return x ^ (x >> 13)


def image_bytes(first, count):
    """Images first..first+count-1 as bytes, NHWC."""
    return (scrambled(first * IMAGE, count * IMAGE) >> 24).astype(np.uint8).reshape(count, 32, 32, 3)


def images(count):
    """About standardised, NHWC."""
    return ((image_bytes(0, count).astype(np.float64) - 127.5) / 73.9).astype(np.float32)


def labels(count):
    return np.arange(count) % CLASSES


def read_weights():
    """The tensors of the safetensors file that our side wrote, by PyTorch's names."""
    with open(settings['weights'], 'rb') as file:
        header = json.loads(file.read(struct.unpack('<Q', file.read(8))[0]))
        data = file.read()
    types = {'F32': np.float32, 'I64': np.int64}
    return {
        name: np.frombuffer(data[slice(*entry['data_offsets'])], types[entry['dtype']]).reshape(entry['shape']).copy()
        for name, entry in header.items()
        if name != '__metadata__'
    }


def busy_seconds():
    """Processor seconds that all programs of the machine have used, with those stolen by other machines; None elsewhere."""
    try:
        with open('/proc/stat') as file:
            ticks = [int(part) for part in file.readline().split()[1:9]]
    except OSError:
        return None
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf('SC_CLK_TCK')


def own_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


watched = []


def watch():
    """Called before what counts: from here on the work of other programs is measured, too."""
    watched[:] = [time.perf_counter(), busy_seconds(), own_seconds()]


def others_cores():
    """Cores that other programs kept busy since `watch`; None where that can't be known."""
    start, busy, own = watched
    now = busy_seconds()
    return None if now is None else max(0, (now - busy - (own_seconds() - own)) / (time.perf_counter() - start))


def report(ms, check, software, **more):
    """Prints the round: milliseconds of each repetition, and numbers that our side must have, too."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == 'darwin' else 1024)
    software = {'python': platform.python_version(), **software}
    known = {'ms': ms, 'check': [float(v) for v in check], 'peakBytes': peak, 'othersCores': others_cores()}
    print(json.dumps({**known, 'software': software, **more}))
