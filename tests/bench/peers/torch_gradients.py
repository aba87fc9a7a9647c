"""Gradients of the total loss and of each of its terms in PyTorch: one forward pass, its graph kept for all of them."""
import time

import torch

from common import HYPER, report, settings, watch
from network import loss_terms, open_batch, open_network, software, total_loss


def measure(network, x, y):
    """Mean absolute gradients, signed shares of the terms, and the loss terms."""
    parameters = list(network.parameters())
    entropies, kl, hint = loss_terms(*network(x), y)
    total = total_loss(entropies, kl, hint)
    weights = [1 - HYPER['alpha']] * 3 + [1.0] + [HYPER['alpha']] * 3 + [HYPER['lambda']] * 3
    whole = torch.autograd.grad(total, parameters, retain_graph=True)
    magnitudes = [[g.abs().mean().item() for g in whole]]
    shares = []
    for weight, term in zip(weights, entropies + kl + hint):
        parts = torch.autograd.grad(weight * term, parameters, retain_graph=True, allow_unused=True)
        parts = [torch.zeros_like(g) if part is None else part for part, g in zip(parts, whole)]
        magnitudes.append([part.abs().mean().item() for part in parts])
        shares.append([((part * g).sum() / (g * g).sum()).item() for part, g in zip(parts, whole)])
    stem = magnitudes[0][0]
    return [total.item(), *[value.item() for value in entropies + kl + hint], stem], shares


x, y = open_batch(settings['images'])
ms = []
for repetition in range(1 + settings['repetitions']):
    if repetition == 1:
        watch()
    start = time.perf_counter()
    # Opening the file is part of it on our side, too.
    network = open_network().train()
    check, _ = measure(network, x, y)
    ms.append((time.perf_counter() - start) * 1000)
report(ms[1:], check, software, firstMs=ms[0])
