"""The same as side.ts, for what people use in Python: `{side, path}` in, `{ms, peakBytes}` out."""
import json
import re
import resource
import sys
import time

import torch
from safetensors.torch import load_file


def resave(path):
    """The same tensors as PyTorch saves them: zip and legacy."""
    state = load_file(f'{path}.safetensors')
    torch.save(state, f'{path}-torch.pth')
    torch.save(state, f'{path}-legacy.pth', _use_new_zipfile_serialization=False)


def peak_memory():
    """Bytes. What getrusage says also counts the process that started this one, up to the moment it did."""
    try:
        with open('/proc/self/status') as status:
            return 1024 * int(re.search(r'VmHWM:\s+(\d+)', status.read())[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


sides = {
    'torch': lambda path: torch.load(path, weights_only=True),
    'safetensors': load_file,
    # It maps the file, and reads only what is touched.
    'safetensors, copied': lambda path: {name: value.clone() for name, value in load_file(path).items()},
    'nothing': lambda path: None,
    'resave': resave,
    'versions': lambda path: None,
}
for line in sys.stdin:
    request = json.loads(line)
    started = time.perf_counter()
    kept = sides[request['side']](request['path'])
    ms = 1000 * (time.perf_counter() - started)
    peak = peak_memory()
    del kept
    print(json.dumps({'ms': ms, 'peakBytes': peak, 'versions': f'pytorch {torch.__version__}'}), flush=True)
