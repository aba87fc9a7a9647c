"""Accuracy and loss of every exit under weight noise, in PyTorch, in one of two ways.

loop       noise is added in place, the network runs, the weights are copied back
landscape  as github.com/tomgoldstein/loss-landscape does it for each point: the state's copy is moved along a direction
           and loaded into the network, then a DataLoader with batches of 128 brings the whole set
"""
import copy
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

from common import image_bytes, labels, report, settings, watch
from network import device, open_network, software, to_input

network = open_network().eval()
count = settings['images']
noisy = [name for name, value in network.named_parameters() if value.dim() > 1]


def open_splits():
    """Test and train images, normalised with the train images' mean and deviation."""
    train = image_bytes(0, count)
    mean, deviation = (train / 255).mean((0, 1, 2)), (train / 255).std((0, 1, 2))
    prepared = [((part / 255 - mean) / deviation).astype(np.float32) for part in (image_bytes(count, count), train)]
    return [(to_input(part), torch.from_numpy(labels(count)).to(device)) for part in prepared]


def draw_noise(seed):
    """Unit noise times each filter's norm over the root of its size."""
    torch.manual_seed(seed)
    noise = {}
    for name, value in network.named_parameters():
        if name in noisy:
            scale = value.detach().flatten(1).norm(dim=1) / value[0].numel() ** 0.5
            noise[name] = torch.randn_like(value) * scale.view(-1, *[1] * (value.dim() - 1))
    return noise


def fit_temperature(z, y):
    candidates = torch.logspace(-1, 1, 61)
    return candidates[int(torch.stack([F.cross_entropy(z / t, y) for t in candidates]).argmin())]


temperatures = {}


def summarize(split, logits, y):
    losses = []
    for exit, z in enumerate(logits):
        if (split, exit) not in temperatures:
            temperatures[split, exit] = fit_temperature(z, y)
        losses.append(F.cross_entropy(z, y).item())
        F.cross_entropy(z / temperatures[split, exit], y).item()
        (z.argmax(1) == y).float().mean().item()
    return losses


def run_in_batches(splits):
    losses = []
    for split, (x, y) in enumerate(splits):
        parts = [network(x[start:start + 250])[0] for start in range(0, count, 250)]
        losses += summarize(split, [torch.cat(exit) for exit in zip(*parts)], y)
    return losses


def loop(splits):
    losses = run_in_batches(splits)
    parameters = dict(network.named_parameters())
    saved = {name: parameters[name].clone() for name in noisy}
    draws = [draw_noise(draw) for draw in range(settings['draws'])]
    for sigma in settings['sigmas']:
        for noise in draws:
            for name in noisy:
                parameters[name].add_(noise[name], alpha=sigma)
            run_in_batches(splits)
            for name in noisy:
                parameters[name].copy_(saved[name])
    return losses


def landscape(splits):
    loaders = [DataLoader(TensorDataset(*split), batch_size=128) for split in splits]
    states = copy.deepcopy(network.state_dict())
    directions = []
    for draw in range(settings['draws']):
        noise = draw_noise(draw)
        directions.append([
            noise[name].cpu().numpy() if name in noise else np.zeros(value.shape, np.float32)
            for name, value in states.items()])

    def evaluate():
        """Loss and accuracy of each exit are read back after every batch."""
        losses = []
        for loader in loaders:
            total, correct, seen = [0.0] * 4, [0] * 4, 0
            for x, y in loader:
                seen += len(y)
                for exit, z in enumerate(network(x)[0]):
                    total[exit] += F.cross_entropy(z, y).item() * len(y)
                    correct[exit] += z.max(1)[1].eq(y).sum().item()
            losses += [value / seen for value in total]
        return losses

    first = evaluate()
    for sigma in settings['sigmas']:
        for direction in directions:
            moved = copy.deepcopy(states)
            for value, change in zip(moved.values(), [d * sigma for d in direction]):
                value.add_(torch.tensor(change).to(value))
            network.load_state_dict(moved)
            evaluate()
    return first


splits = open_splits()
work = {'loop': loop, 'landscape': landscape}[settings['way']]
with torch.no_grad():
    network(splits[0][0][:250])
    watch()
    start = time.perf_counter()
    losses = work(splits)
    ms = (time.perf_counter() - start) * 1000
report([ms], losses, software)
