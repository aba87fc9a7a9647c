"""ResNet18 in its CIFAR form with bottleneck heads, and the loss of self-distillation, as one writes them in PyTorch."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from common import CLASSES, HYPER, images, labels, read_weights, settings

device = 'cuda' if torch.cuda.is_available() else 'cpu'
memory_format = torch.channels_last if settings.get('channelsLast') else torch.contiguous_format


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + (x if self.downsample is None else self.downsample(x)))


def head(inputs, outputs, kernel):
    middle = outputs // 4
    units = [(inputs, middle, 1), (middle, middle, kernel), (middle, outputs, 1)]
    return nn.Sequential(*[
        layer for a, b, k in units for layer in (nn.Conv2d(a, b, k, k), nn.BatchNorm2d(b), nn.ReLU())])


class Network(nn.Module):
    """forward(x) gives the logits and the features of every exit, shallowest first."""

    def __init__(self, width):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        widths = [width, width, 2 * width, 4 * width, 8 * width]
        for s in range(1, 5):
            a, b = widths[s - 1], widths[s]
            setattr(self, f'layer{s}', nn.Sequential(Block(a, b, 1 if s == 1 else 2), Block(b, b, 1)))
        for s in range(1, 4):
            setattr(self, f'bottleneck{s}_1', head(widths[s], 8 * width, 2 ** (4 - s)))
            setattr(self, f'middle_fc{s}', nn.Linear(8 * width, CLASSES))
        self.fc = nn.Linear(8 * width, CLASSES)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        logits, features = [], []
        for s in range(1, 5):
            x = getattr(self, f'layer{s}')(x)
            feature = (x if s == 4 else getattr(self, f'bottleneck{s}_1')(x)).mean((2, 3))
            features.append(feature)
            logits.append((self.fc if s == 4 else getattr(self, f'middle_fc{s}'))(feature))
        return logits, features


def loss_terms(logits, features, targets):
    """Cross entropy of every exit; KL to the deepest and squared distance to its features, of the shallow ones."""
    temperature = HYPER['temperature']
    teacher = F.softmax(logits[-1].detach() / temperature, 1)
    entropies = [F.cross_entropy(z, targets) for z in logits]
    kl = [F.kl_div(F.log_softmax(z / temperature, 1), teacher, reduction='batchmean') * temperature**2
          for z in logits[:-1]]
    target = features[-1].detach()
    hint = [((f - target) ** 2).sum(1).mean() for f in features[:-1]]
    return entropies, kl, hint


def total_loss(entropies, kl, hint):
    alpha = HYPER['alpha']
    return entropies[-1] + (1 - alpha) * sum(entropies[:-1]) + alpha * sum(kl) + HYPER['lambda'] * sum(hint)


def open_network():
    network = Network(settings['width'])
    network.load_state_dict({name: torch.from_numpy(value) for name, value in read_weights().items()})
    return network.to(device, memory_format=memory_format)


def to_input(array):
    """NHWC images of numpy as PyTorch takes them."""
    x = torch.from_numpy(array).permute(0, 3, 1, 2)
    return x.contiguous(memory_format=memory_format).to(device)


def open_batch(count):
    return to_input(images(count)), torch.from_numpy(labels(count)).to(device)


software = {'pytorch': torch.__version__, 'device': torch.cuda.get_device_name() if device == 'cuda' else 'CPU',
            'threads': torch.get_num_threads()}
