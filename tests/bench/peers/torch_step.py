"""Steps of self-distillation in PyTorch: eager or torch.compile, either memory format."""
import time

import torch

from common import HYPER, report, settings, watch
from network import loss_terms, open_batch, open_network, software, total_loss

network = open_network()
x, y = open_batch(settings['batch'])
optimizer = torch.optim.SGD(
    network.parameters(), HYPER['learningRate'], HYPER['momentum'], weight_decay=HYPER['weightDecay'])


def forward(x, y):
    return total_loss(*loss_terms(*network(x), y))


if settings.get('compile'):
    forward = torch.compile(forward)


def step():
    start = time.perf_counter()
    optimizer.zero_grad()
    loss = forward(x, y)
    loss.backward()
    optimizer.step()
    value = loss.item()
    return value, (time.perf_counter() - start) * 1000


warm = [step() for _ in range(settings['warmup'])]
variances = [value.abs().mean().item() for name, value in network.state_dict().items() if name.endswith('running_var')]
watch()
measured = [step() for _ in range(settings['repetitions'])]
report([ms for _, ms in measured], [value for value, _ in warm] + [sum(variances)], software, firstMs=warm[0][1])
