"""Evaluation in PyTorch: logits of every exit read back, accuracy of each."""
import time

import numpy as np
import torch

from common import images, labels, report, settings, watch
from network import device, memory_format, open_network, software

network = open_network().eval()
count, batch = settings['images'], settings['batch']
x = torch.from_numpy(images(count)).permute(0, 3, 1, 2).contiguous(memory_format=memory_format)
y = labels(count)


@torch.inference_mode()
def evaluate():
    logits = [np.empty((count, 100), np.float32) for _ in range(4)]
    for start in range(0, count, batch):
        for whole, part in zip(logits, network(x[start:start + batch].to(device))[0]):
            whole[start:start + batch] = part.cpu().numpy()
    return logits, [float((z.argmax(1) == y).mean()) for z in logits]


with torch.inference_mode():
    network(x[:batch].to(device))
watch()
ms = []
for _ in range(settings['repetitions']):
    start = time.perf_counter()
    logits, accuracy = evaluate()
    ms.append((time.perf_counter() - start) * 1000)
report(ms, [float(np.abs(z).mean()) for z in logits] + [sum(accuracy) + 1], software)
