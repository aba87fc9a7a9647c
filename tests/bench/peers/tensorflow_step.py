"""Steps of self-distillation in Python TensorFlow: tf.function, or with XLA (`jit`). Padding is SAME, as one writes it."""
import time

import common  # first: it sets TensorFlow's log level
import tensorflow as tf

settings, HYPER = common.settings, common.HYPER
weights = common.read_weights()
variables = {}
averages = {}
for name, value in weights.items():
    if name.endswith(('running_mean', 'running_var')):
        averages[name] = tf.Variable(value, trainable=False)
    elif value.ndim == 4:
        variables[name] = tf.Variable(value.transpose(2, 3, 1, 0))
    elif value.ndim:
        variables[name] = tf.Variable(value)
velocities = {name: tf.Variable(tf.zeros_like(value), trainable=False) for name, value in variables.items()}


def conv(x, name, stride=1):
    y = tf.nn.conv2d(x, variables[f'{name}.weight'], stride, 'SAME')
    return y + variables[f'{name}.bias'] if f'{name}.bias' in variables else y


def norm(x, name):
    y, mean, variance = tf.compat.v1.nn.fused_batch_norm(
        x, variables[f'{name}.weight'], variables[f'{name}.bias'], epsilon=1e-5)
    for key, fresh in (('running_mean', mean), ('running_var', variance)):
        average = averages[f'{name}.{key}']
        average.assign(0.9 * average + 0.1 * fresh)
    return y


def block(x, name, stride):
    y = tf.nn.relu(norm(conv(x, f'{name}.conv1', stride), f'{name}.bn1'))
    y = norm(conv(y, f'{name}.conv2'), f'{name}.bn2')
    if f'{name}.downsample.0.weight' in variables:
        x = norm(conv(x, f'{name}.downsample.0', stride), f'{name}.downsample.1')
    return tf.nn.relu(x + y)


def head(x, name, stride):
    for at, step in ((0, 1), (3, stride), (6, 1)):
        x = tf.nn.relu(norm(conv(x, f'{name}.{at}', step), f'{name}.{at + 1}'))
    return x


def forward(x):
    x = tf.nn.relu(norm(conv(x, 'conv1'), 'bn1'))
    logits, features = [], []
    for s in range(1, 5):
        x = block(block(x, f'layer{s}.0', 1 if s == 1 else 2), f'layer{s}.1', 1)
        feature = tf.reduce_mean(x if s == 4 else head(x, f'bottleneck{s}_1', 2 ** (4 - s)), [1, 2])
        name = 'fc' if s == 4 else f'middle_fc{s}'
        features.append(feature)
        logits.append(tf.matmul(feature, variables[f'{name}.weight'], transpose_b=True) + variables[f'{name}.bias'])
    return logits, features


def total_loss(logits, features, y):
    t, alpha = HYPER['temperature'], HYPER['alpha']
    teacher = tf.stop_gradient(logits[-1] / t)
    soft, target = tf.nn.softmax(teacher), tf.stop_gradient(features[-1])
    entropy = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(soft, teacher))
    ce = [tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, z)) for z in logits]
    kl = [(tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(soft, z / t)) - entropy) * t * t for z in logits[:-1]]
    hint = [tf.reduce_mean(tf.reduce_sum((f - target) ** 2, 1)) for f in features[:-1]]
    return ce[-1] + (1 - alpha) * sum(ce[:-1]) + alpha * sum(kl) + HYPER['lambda'] * sum(hint)


@tf.function(jit_compile=bool(settings.get('jit')))
def update(x, y):
    with tf.GradientTape() as tape:
        loss = total_loss(*forward(x), y)
    for name, gradient in zip(variables, tape.gradient(loss, list(variables.values()))):
        weight, velocity = variables[name], velocities[name]
        velocity.assign(HYPER['momentum'] * velocity + gradient + HYPER['weightDecay'] * weight)
        weight.assign_sub(HYPER['learningRate'] * velocity)
    return loss


x = tf.constant(common.images(settings['batch']))
y = tf.constant(common.labels(settings['batch']), tf.int32)


def step():
    start = time.perf_counter()
    value = float(update(x, y))
    return value, (time.perf_counter() - start) * 1000


warm = [step() for _ in range(settings['warmup'])]
spread = sum(float(tf.reduce_mean(tf.abs(value))) for name, value in averages.items() if name.endswith('running_var'))
common.watch()
measured = [step() for _ in range(settings['repetitions'])]
common.report([ms for _, ms in measured], [value for value, _ in warm] + [spread],
              {'tensorflow': tf.__version__}, firstMs=warm[0][1])
