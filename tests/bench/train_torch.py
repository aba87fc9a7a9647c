"""PyTorch's side of training-time.mjs: the same network, loss, recipe and augmentation, eager, on the CPU.

    python train_torch.py LIMIT EPOCHS WIDTH CROP SEED      (CROP 0: neither crop nor flip)

Prints one JSON line: seconds of training and testing, and every exit's test accuracy. Data is read from the repository.
"""
import gzip, json, math, os, sys, time
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F

limit, epochs, width, crop, seed = map(int, sys.argv[1:6])
here = os.path.dirname(os.path.abspath(__file__))
data = os.path.join(here, '..', '..', 'resources', 'datasets', 'fashion-mnist')
torch.manual_seed(seed)
rng = np.random.default_rng(seed)


def unit(cin, cout, k, stride, padding, bias):
    conv = nn.Conv2d(cin, cout, k, stride, padding, bias=bias)
    nn.init.kaiming_normal_(conv.weight, mode='fan_out', nonlinearity='relu')
    return [conv, nn.BatchNorm2d(cout)]


class Block(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.body = nn.Sequential(*unit(cin, cout, 3, stride, 1, False), nn.ReLU(), *unit(cout, cout, 3, 1, 1, False))
        same = stride == 1 and cin == cout
        self.shortcut = nn.Identity() if same else nn.Sequential(*unit(cin, cout, 1, stride, 0, False))

    def forward(self, x):
        return F.relu(self.body(x) + self.shortcut(x))


class Net(nn.Module):
    def __init__(self, w, classes=10):
        super().__init__()
        self.stem = nn.Sequential(*unit(1, w, 3, 1, 1, False), nn.ReLU())
        widths = [w, w, 2 * w, 4 * w, 8 * w]
        self.stages = nn.ModuleList(
            nn.Sequential(Block(widths[s], widths[s + 1], 2 if s else 1), Block(widths[s + 1], widths[s + 1], 1))
            for s in range(4))
        out, mid = 8 * w, 2 * w
        self.heads = nn.ModuleList(
            nn.Sequential(*unit(widths[s + 1], mid, 1, 1, 0, True), nn.ReLU(),
                          *unit(mid, mid, 8 >> s, 8 >> s, 0, True), nn.ReLU(),
                          *unit(mid, out, 1, 1, 0, True), nn.ReLU()) for s in range(3))
        self.fcs = nn.ModuleList(nn.Linear(out, classes) for _ in range(4))

    def forward(self, x):
        x, logits, features = self.stem(x), [], []
        for s, stage in enumerate(self.stages):
            x = stage(x)
            f = (self.heads[s](x) if s < 3 else x).mean((2, 3))
            features.append(f)
            logits.append(self.fcs[s](f))
        return logits, features


def loss(logits, features, y, alpha=0.3, lam=0.03 * 64 / (8 * width), t=3.0):
    teacher, target = logits[-1].detach(), features[-1].detach()
    ce = [F.cross_entropy(z, y) for z in logits]
    kl = [F.kl_div(F.log_softmax(z / t, 1), F.softmax(teacher / t, 1), reduction='batchmean') * t * t
          for z in logits[:-1]]
    hint = [((f - target) ** 2).sum(1).mean() for f in features[:-1]]
    return ce[-1] + (1 - alpha) * sum(ce[:-1]) + alpha * sum(kl) + lam * sum(hint)


def read(name, offset):
    with gzip.open(os.path.join(data, name)) as f:
        return np.frombuffer(f.read(), np.uint8, offset=offset).copy()


pixels, labels = read('train-images-idx3-ubyte.gz', 16).reshape(-1, 1, 28, 28), read('train-labels-idx1-ubyte.gz', 8)
test, test_labels = read('t10k-images-idx3-ubyte.gz', 16).reshape(-1, 1, 28, 28), read('t10k-labels-idx1-ubyte.gz', 8)
mean, std = float(pixels.mean() / 255), float(pixels.std() / 255)
prepare = lambda a: (F.pad(torch.from_numpy(a).float() / 255, (2, 2, 2, 2)) - mean) / std
chosen = np.concatenate([rng.permutation(np.where(labels == c)[0])[:limit // 10] for c in range(10)])
x, y = prepare(pixels[chosen]), torch.from_numpy(labels[chosen]).long()
xt, yt = prepare(test), torch.from_numpy(test_labels).long()
net = Net(width)
optimizer = torch.optim.SGD(net.parameters(), 0.05, 0.9, weight_decay=5e-4)
batch, step = 64, 0
steps = math.ceil(len(y) / batch) * epochs
start = time.time()
for epoch in range(epochs):
    net.train()
    order = torch.randperm(len(y))
    for i in range(0, len(y), batch):
        for group in optimizer.param_groups:
            group['lr'] = 0.05 * (1 + math.cos(math.pi * step / steps)) / 2
        picked = order[i:i + batch]
        images = x[picked]
        if crop:
            wide, images = F.pad(images, (crop,) * 4, value=-mean / std), torch.empty_like(images)
            for k in range(len(picked)):
                top, left = rng.integers(0, 2 * crop + 1, 2)
                one = wide[k, :, top:top + 32, left:left + 32]
                images[k] = one.flip(2) if rng.random() < 0.5 else one
        optimizer.zero_grad()
        loss(*net(images), y[picked]).backward()
        optimizer.step()
        step += 1
    net.eval()
    right = [0] * 4
    with torch.no_grad():
        for i in range(0, len(yt), 250):
            for k, z in enumerate(net(xt[i:i + 250])[0]):
                right[k] += (z.argmax(1) == yt[i:i + 250]).sum().item()
print(json.dumps({'seconds': time.time() - start, 'accuracy': [r / len(yt) for r in right], 'torch': torch.__version__}))
