// One parameter's step of SGD with momentum in one pass over its memory; as separate operations it is fifteen.
#include "sgd-kernel.h"

#include <cmath>
#include <memory>
#include <vector>
#include "kernel-api.h"
#include "values.h"

namespace autodidact {

namespace {

constexpr char name[] = "AutodidactSgd";

struct Sgd {
  float momentum, weight_decay;
  unsigned char is_nesterov;
};

using Tensor = std::unique_ptr<TF_Tensor, decltype(&TF_DeleteTensor)>;

void* Create(TF_OpKernelConstruction* construction) {
  auto sgd = std::make_unique<Sgd>();
  Status status;
  TF_OpKernelConstruction_GetAttrFloat(construction, "momentum", &sgd->momentum, status.get());
  if (TF_GetCode(status.get()) == TF_OK)
    TF_OpKernelConstruction_GetAttrFloat(construction, "weight_decay", &sgd->weight_decay, status.get());
  if (TF_GetCode(status.get()) == TF_OK)
    TF_OpKernelConstruction_GetAttrBool(construction, "nesterov", &sgd->is_nesterov, status.get());
  if (TF_GetCode(status.get()) != TF_OK) TF_OpKernelConstruction_Failure(construction, status.get());
  return sgd.release();
}

void Destroy(void* sgd) { delete static_cast<Sgd*>(sgd); }

constexpr size_t lanes = 16;

/// The step on `count` numbers; gives the sum of |gradient|.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__gnu_linux__)
__attribute__((target_clones("avx2", "default")))
#endif
__attribute__((optimize("O3"))) double
Move(const Sgd& sgd, float rate, const float* weight, const float* velocity, const float* gradient, size_t count,
     float* stepped, float* moved) {
  const float momentum = sgd.momentum, decay = sgd.weight_decay;
  const float with_gradient = sgd.is_nesterov ? rate : 0, with_velocity = sgd.is_nesterov ? rate * momentum : rate;
  double total = 0;
  size_t at = 0;
  while (at + lanes <= count) {
    // Short sums in float, the long one in double: always in the same order.
    float sums[lanes] = {};
    for (size_t block = 0; block < 64 && at + lanes <= count; block++, at += lanes) {
      for (size_t lane = 0; lane < lanes; lane++) {
        const float g = gradient[at + lane], w = weight[at + lane];
        const float d = g + decay * w;
        const float v = momentum * velocity[at + lane] + d;
        sums[lane] += std::fabs(g);
        moved[at + lane] = v;
        stepped[at + lane] = w - (with_gradient * d + with_velocity * v);
      }
    }
    for (const float sum : sums) total += sum;
  }
  for (; at < count; at++) {
    const float g = gradient[at], w = weight[at];
    const float d = g + decay * w;
    const float v = momentum * velocity[at] + d;
    total += std::fabs(g);
    moved[at] = v;
    stepped[at] = w - (with_gradient * d + with_velocity * v);
  }
  return total;
}

Tensor Input(TF_OpKernelContext* context, int index) {
  TF_Tensor* tensor = nullptr;
  Status status;
  TF_GetInput(context, index, &tensor, status.get());
  Tensor owned(tensor, TF_DeleteTensor);
  status.Require();
  return owned;
}

template <typename Number>
Number* Data(const Tensor& tensor) {
  return static_cast<Number*>(TF_TensorData(tensor.get()));
}

void Compute(void* kernel, TF_OpKernelContext* context) {
  try {
    const Tensor weight = Input(context, 0), velocity = Input(context, 1), gradient = Input(context, 2),
                 rate = Input(context, 3);
    const size_t count = TF_TensorElementCount(weight.get());
    for (const Tensor* other : {&velocity, &gradient})
      if (TF_TensorElementCount(other->get()) != static_cast<int64_t>(count))
        throw std::runtime_error("weight, velocity and gradient differ in size");
    std::vector<int64_t> shape(TF_NumDims(weight.get()));
    for (size_t axis = 0; axis < shape.size(); axis++) shape[axis] = TF_Dim(weight.get(), axis);
    Status status;
    const Tensor stepped(
        TF_AllocateOutput(context, 0, TF_FLOAT, shape.data(), shape.size(), count * sizeof(float), status.get()),
        TF_DeleteTensor);
    status.Require();
    const Tensor moved(
        TF_AllocateOutput(context, 1, TF_FLOAT, shape.data(), shape.size(), count * sizeof(float), status.get()),
        TF_DeleteTensor);
    status.Require();
    const Tensor sum(TF_AllocateOutput(context, 2, TF_FLOAT, nullptr, 0, sizeof(float), status.get()), TF_DeleteTensor);
    status.Require();
    *Data<float>(sum) = static_cast<float>(Move(*static_cast<Sgd*>(kernel), *Data<float>(rate), Data<float>(weight),
                                                Data<float>(velocity), Data<float>(gradient), count,
                                                Data<float>(stepped), Data<float>(moved)));
  } catch (const std::exception& error) {
    Status status;
    TF_SetStatus(status.get(), TF_INVALID_ARGUMENT, error.what());
    TF_OpKernelContext_Failure(context, status.get());
  }
}

void InferShapes(TF_ShapeInferenceContext* context, TF_Status* status) {
  std::unique_ptr<TF_ShapeHandle, decltype(&TF_DeleteShapeHandle)> shape(TF_NewShapeHandle(), TF_DeleteShapeHandle),
      scalar(TF_ShapeInferenceContextScalar(context), TF_DeleteShapeHandle);
  TF_ShapeInferenceContextGetInput(context, 0, shape.get(), status);
  for (int output = 0; output < 3 && TF_GetCode(status) == TF_OK; output++)
    TF_ShapeInferenceContextSetOutput(context, output, output < 2 ? shape.get() : scalar.get(), status);
}

}  // namespace

void RegisterSgdKernel() {
  TF_OpDefinitionBuilder* op = TF_NewOpDefinitionBuilder(name);
  for (const char* input : {"weight: float", "velocity: float", "gradient: float", "learning_rate: float"})
    TF_OpDefinitionBuilderAddInput(op, input);
  for (const char* output : {"stepped: float", "moved: float", "gradient_sum: float"})
    TF_OpDefinitionBuilderAddOutput(op, output);
  for (const char* attribute : {"momentum: float", "weight_decay: float", "nesterov: bool"})
    TF_OpDefinitionBuilderAddAttr(op, attribute);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(op, InferShapes);
  Status status;
  TF_RegisterOpDefinition(op, status.get());
  status.Require();
  TF_RegisterKernelBuilder(name, TF_NewKernelBuilder(name, "CPU", Create, Compute, Destroy), status.get());
  status.Require();
}

}  // namespace autodidact
