import { existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

const solver = 'nvidia/cusolver/lib/libcusolver.so.11'
const linkedSolver = 'nvidia/cublas/lib/libcusolver.so.11'

/**
 * What TensorFlow 2.21 needs of the nvidia wheels. If one of the libraries that it opens at its start is not found, it
 * computes on the CPU without a word; the others it needs for the first convolution or for XLA.
 */
export const cudaFiles = [
  'nvidia/cuda_runtime/lib/libcudart.so.12',
  'nvidia/cublas/lib/libcublas.so.12',
  'nvidia/cublas/lib/libcublasLt.so.12',
  'nvidia/cufft/lib/libcufft.so.11',
  'nvidia/nvjitlink/lib/libnvJitLink.so.12',
  'nvidia/cusparse/lib/libcusparse.so.12',
  solver,
  linkedSolver,
  'nvidia/cudnn/lib/libcudnn.so.9',
  'nvidia/cudnn/lib/libcudnn_graph.so.9',
  'nvidia/cudnn/lib/libcudnn_ops.so.9',
  'nvidia/cudnn/lib/libcudnn_cnn.so.9',
  'nvidia/cudnn/lib/libcudnn_heuristic.so.9',
  'nvidia/cudnn/lib/libcudnn_engines_precompiled.so.9',
  'nvidia/cudnn/lib/libcudnn_engines_runtime_compiled.so.9',
  'nvidia/cuda_nvrtc/lib/libnvrtc.so.12',
  'nvidia/cuda_cupti/lib/libcupti.so.12',
  'nvidia/cuda_nvcc/bin/ptxas',
  'nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc'
]

/** The first of the CUDA files that is not in `folder`; undefined if all are. */
export const findMissingCudaFile = (folder) => cudaFiles.find((name) => !existsSync(join(folder, name)))

/**
 * Puts cuSOLVER where TensorFlow looks for it. It is opened from libtensorflow_framework.so.2, whose RUNPATH names the
 * folders of all CUDA libraries but cuSOLVER's (that one stands in libtensorflow_cc.so.2). From beside cuBLAS it finds
 * its own libraries as from its place, because both folders lie equally deep.
 */
export function linkSolver(folder) {
  if (!existsSync(join(folder, solver)) || existsSync(join(folder, linkedSolver))) return
  symlinkSync(join('..', '..', 'cusolver', 'lib', 'libcusolver.so.11'), join(folder, linkedSolver))
}

/** cuDNN 9.11 and later have no kernels for GPUs before Turing (V100, P100, GTX 10), which TensorFlow serves. */
export const narrowRequirement = (requirement) =>
  requirement.startsWith('nvidia-cudnn-cu12') ? `${requirement},<9.11` : requirement
