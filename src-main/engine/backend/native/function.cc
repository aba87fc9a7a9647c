// Graphs as functions of the eager context: defined, removed, and called on a thread of libuv's pool.
#include "function.h"

#include <string>
#include <vector>
#include "backend-access.h"
#include "graph.h"
#include "tensorflow/c/eager/c_api.h"
#include "tensorflow/c/eager/c_api_experimental.h"
#include "values.h"

namespace autodidact {

namespace {

struct DeleteHandle {
  void operator()(TFE_TensorHandle* handle) const { TFE_DeleteTensorHandle(handle); }
};
using Handle = std::unique_ptr<TFE_TensorHandle, DeleteHandle>;

struct StringAttribute {
  std::string name, value;
};

/// One call, from its start on JavaScript's thread to its end there.
struct Call {
  TFE_Context* context = nullptr;
  std::string function;
  std::vector<Handle> inputs, outputs;
  std::vector<StringAttribute> attributes;
  std::string device;
  std::string error;
  napi_deferred deferred = nullptr;
  napi_async_work work = nullptr;
};

/// Runs on a thread of its own: no JavaScript here.
void Execute(napi_env, void* data) {
  Call& call = *static_cast<Call*>(data);
  try {
    Status status;
    std::unique_ptr<TFE_Op, decltype(&TFE_DeleteOp)> op(
        TFE_NewOp(call.context, call.function.c_str(), status.get()), TFE_DeleteOp);
    status.Require();
    for (const StringAttribute& attribute : call.attributes)
      TFE_OpSetAttrString(op.get(), attribute.name.c_str(), attribute.value.data(), attribute.value.size());
    for (const Handle& input : call.inputs) {
      TFE_OpAddInput(op.get(), input.get(), status.get());
      status.Require();
    }
    std::vector<TFE_TensorHandle*> results(call.outputs.size(), nullptr);
    int count = static_cast<int>(results.size());
    TFE_Execute(op.get(), results.data(), &count, status.get());
    status.Require();
    for (size_t index = 0; index < results.size(); index++) call.outputs[index].reset(results[index]);
  } catch (const std::exception& error) {
    call.error = error.what();
  }
}

std::vector<int64_t> ShapeOf(TFE_TensorHandle* handle) {
  Status status;
  const int rank = TFE_TensorHandleNumDims(handle, status.get());
  status.Require();
  std::vector<int64_t> shape(rank);
  for (int axis = 0; axis < rank; axis++) {
    shape[axis] = TFE_TensorHandleDim(handle, axis, status.get());
    status.Require();
  }
  return shape;
}

/// [{id, dtype, shape}, ...]; the addon owns the tensors from then on.
napi_value HandOver(napi_env env, Call& call) {
  TFJSBackend* backend = BackendOf(env);
  napi_value infos;
  Check(napi_create_array_with_length(env, call.outputs.size(), &infos));
  for (uint32_t index = 0; index < call.outputs.size(); index++) {
    TFE_TensorHandle* handle = call.outputs[index].get();
    const napi_value info = TensorInfo(env, TFE_TensorHandleDataType(handle), ShapeOf(handle));
    Check(napi_set_element(env, infos, index, info));
    const int32_t id = InsertTensor(backend, call.outputs[index].release());
    Check(napi_set_named_property(env, info, "id", FromInt(env, id)));
  }
  return infos;
}

napi_value MakeError(napi_env env, const std::string& message) {
  napi_value text, error;
  Check(napi_create_string_utf8(env, message.data(), message.size(), &text));
  Check(napi_create_error(env, nullptr, text, &error));
  return error;
}

void Complete(napi_env env, napi_status, void* data) {
  const std::unique_ptr<Call> call(static_cast<Call*>(data));
  napi_delete_async_work(env, call->work);
  // Not on the other thread: the memory of an input may be a JavaScript array's.
  call->inputs.clear();
  try {
    if (call->error.empty()) {
      const napi_value infos = HandOver(env, *call);
      Check(napi_resolve_deferred(env, call->deferred, infos));
    } else {
      Check(napi_reject_deferred(env, call->deferred, MakeError(env, call->error)));
    }
  } catch (...) {
    // The environment is being torn down: nobody waits any more.
  }
}

/// callFunction(name, input numbers, count of outputs, attributes [[name, bytes], ...]) -> Promise
napi_value CallFunction(napi_env env, napi_callback_info info) {
  const Arguments<4> args(env, info);
  TFJSBackend* backend = BackendOf(env);
  auto call = std::make_unique<Call>();
  call->context = ContextOf(backend);
  call->function = ToString(env, args[0]);
  for (const int64_t id : ToVector(env, args[1], ToInt)) {
    TFE_TensorHandle* handle = FindHandle(backend, static_cast<int32_t>(id));
    if (!handle) throw std::runtime_error("an input of " + call->function + " has been disposed of");
    Status status;
    // A share of its own, so that JavaScript may dispose of the tensor while the function runs.
    call->inputs.emplace_back(TFE_TensorHandleCopySharingTensor(handle, status.get()));
    status.Require();
  }
  call->outputs.resize(ToInt(env, args[2]));
  call->attributes = ToVector(env, args[3], [](napi_env e, napi_value pair) {
    napi_value name, value;
    Check(napi_get_element(e, pair, 0, &name));
    Check(napi_get_element(e, pair, 1, &value));
    const Bytes bytes = ToBytes(e, value);
    return StringAttribute{ToString(e, name), std::string(static_cast<const char*>(bytes.data), bytes.length)};
  });
  napi_value promise, label;
  Check(napi_create_string_utf8(env, "callFunction", NAPI_AUTO_LENGTH, &label));
  Check(napi_create_promise(env, &call->deferred, &promise));
  Check(napi_create_async_work(env, nullptr, label, Execute, Complete, call.get(), &call->work));
  Check(napi_queue_async_work(env, call->work));
  call.release();
  return promise;
}

/// defineFunction(graph, name, inputs [[node, output], ...], outputs, wantsXla)
napi_value DefineFunction(napi_env env, napi_callback_info info) {
  const Arguments<5> args(env, info);
  Graph& graph = ToGraph(env, args[0]);
  const std::string name = ToString(env, args[1]);
  const auto inputs = ToOutputs(env, args[2], graph);
  const auto outputs = ToOutputs(env, args[3], graph);
  Status status;
  std::unique_ptr<TF_Function, decltype(&TF_DeleteFunction)> function(
      TF_GraphToFunction(graph.graph.get(), name.c_str(), 0, -1, nullptr, inputs.size(), inputs.data(), outputs.size(),
                         outputs.data(), nullptr, nullptr, nullptr, status.get()),
      TF_DeleteFunction);
  status.Require();
  if (ToBool(env, args[4])) {
    const char yes[] = {0x28, 0x01};  // AttrValue { b: true }
    for (const char* attribute : {"_XlaMustCompile", "_noinline"}) {
      TF_FunctionSetAttrValueProto(function.get(), attribute, yes, sizeof yes, status.get());
      status.Require();
    }
  }
  TFE_ContextAddFunction(ContextOf(BackendOf(env)), function.get(), status.get());
  status.Require();
  return nullptr;
}

/// removeFunction(name)
napi_value RemoveFunction(napi_env env, napi_callback_info info) {
  const Arguments<1> args(env, info);
  Status status;
  TFE_ContextRemoveFunction(ContextOf(BackendOf(env)), ToString(env, args[0]).c_str(), status.get());
  status.Require();
  return nullptr;
}

/// collectGraphs(): from now on TensorFlow notes the graphs that it really runs.
napi_value CollectGraphs(napi_env env, napi_callback_info) {
  TFE_ContextEnableGraphCollection(ContextOf(BackendOf(env)));
  return nullptr;
}

/// collectedGraphs() -> RunMetadata's bytes; the noting ends.
napi_value CollectedGraphs(napi_env env, napi_callback_info) {
  TFE_Context* context = ContextOf(BackendOf(env));
  Status status;
  std::unique_ptr<TF_Buffer, decltype(&TF_DeleteBuffer)> bytes(TF_NewBuffer(), TF_DeleteBuffer);
  TFE_ContextExportRunMetadata(context, bytes.get(), status.get());
  TFE_ContextDisableGraphCollection(context);
  status.Require();
  napi_value buffer;
  Check(napi_create_buffer_copy(env, bytes->length, bytes->data, nullptr, &buffer));
  return buffer;
}

}  // namespace

void ExportFunctionCalls(napi_env env, napi_value exports) {
  Export<DefineFunction>(env, exports, "defineFunction");
  Export<RemoveFunction>(env, exports, "removeFunction");
  Export<CallFunction>(env, exports, "callFunction");
  Export<CollectGraphs>(env, exports, "collectGraphs");
  Export<CollectedGraphs>(env, exports, "collectedGraphs");
}

}  // namespace autodidact
