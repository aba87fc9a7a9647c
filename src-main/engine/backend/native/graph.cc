// TensorFlow graphs, built node by node; TensorFlow infers the shapes, and nothing is executed.
#include "graph.h"

#include <algorithm>
#include <cstring>
#include <string>
#include "values.h"

namespace autodidact {

namespace {

// A tag that tells our graphs from other external values.
constexpr napi_type_tag graph_tag = {0x6175746f64696461, 0x63746772617068ff};

napi_value NewGraph(napi_env env, napi_callback_info) {
  auto graph = std::make_unique<Graph>();
  napi_value value;
  const auto finalize = [](napi_env, void* data, void*) { delete static_cast<Graph*>(data); };
  Check(napi_create_external(env, graph.get(), finalize, nullptr, &value));
  graph.release();
  Check(napi_type_tag_object(env, value, &graph_tag));
  return value;
}

std::vector<unsigned char> ToFlags(napi_env env, napi_value array) {
  return ToVector(env, array, [](napi_env e, napi_value v) -> unsigned char { return ToBool(e, v); });
}

/// Sets one of tfjs's attributes, {name, type, value}.
void SetAttribute(napi_env env, TF_OperationDescription* description, napi_value attribute) {
  const std::string text = ToString(env, Property(env, attribute, "name"));
  const char* name = text.c_str();
  const napi_value value = Property(env, attribute, "value");
  const bool is_list = IsArray(env, value);
  switch (ToInt(env, Property(env, attribute, "type"))) {
    case TF_ATTR_STRING: {
      const std::string content = ToString(env, value);
      TF_SetAttrString(description, name, content.data(), content.size());
      break;
    }
    case TF_ATTR_INT:
      if (is_list) {
        const auto list = ToVector(env, value, ToInt);
        TF_SetAttrIntList(description, name, list.data(), list.size());
      } else {
        TF_SetAttrInt(description, name, ToInt(env, value));
      }
      break;
    case TF_ATTR_FLOAT:
      if (is_list) {
        const auto list =
            ToVector(env, value, [](napi_env e, napi_value v) { return static_cast<float>(ToDouble(e, v)); });
        TF_SetAttrFloatList(description, name, list.data(), list.size());
      } else {
        TF_SetAttrFloat(description, name, static_cast<float>(ToDouble(env, value)));
      }
      break;
    case TF_ATTR_BOOL:
      if (is_list) {
        const auto list = ToFlags(env, value);
        TF_SetAttrBoolList(description, name, list.data(), list.size());
      } else {
        TF_SetAttrBool(description, name, ToBool(env, value));
      }
      break;
    case TF_ATTR_TYPE:
      TF_SetAttrType(description, name, static_cast<TF_DataType>(ToInt(env, value)));
      break;
    case TF_ATTR_SHAPE: {
      const auto shape = ToVector(env, value, ToInt);
      TF_SetAttrShape(description, name, shape.data(), shape.size());
      break;
    }
    default:
      throw std::runtime_error("the attribute " + text + " has a type that graphs do not know");
  }
}

/// {dtype, shape} of an output; the shape is null where it depends on values.
napi_value Infer(napi_env env, Graph& graph, TF_Output output) {
  Status status;
  const TF_DataType dtype = TF_OperationOutputType(output);
  const int rank = TF_GraphGetTensorNumDims(graph.graph.get(), output, status.get());
  status.Require();
  std::vector<int64_t> shape(rank < 0 ? 0 : rank);
  if (rank > 0) TF_GraphGetTensorShape(graph.graph.get(), output, shape.data(), rank, status.get());
  status.Require();
  const bool is_known = rank >= 0 && std::all_of(shape.begin(), shape.end(), [](int64_t size) { return size >= 0; });
  napi_value info = TensorInfo(env, dtype, shape);
  if (!is_known) {
    napi_value null;
    Check(napi_get_null(env, &null));
    Check(napi_set_named_property(env, info, "shape", null));
  }
  return info;
}

TF_OperationDescription* Describe(Graph& graph, const std::string& op) {
  const std::string name = "n" + std::to_string(graph.operations.size());
  return TF_NewOperation(graph.graph.get(), op.c_str(), name.c_str());
}

/// Adds the described node and gives the dtypes and shapes of its outputs.
napi_value Finish(napi_env env, Graph& graph, TF_OperationDescription* description) {
  Status status;
  TF_Operation* operation = TF_FinishOperation(description, status.get());
  status.Require();
  graph.operations.push_back(operation);
  const int count = TF_OperationNumOutputs(operation);
  napi_value outputs;
  Check(napi_create_array_with_length(env, count, &outputs));
  for (int index = 0; index < count; index++) {
    Check(napi_set_element(env, outputs, index, Infer(env, graph, TF_Output{operation, index})));
  }
  return outputs;
}

/// addPlaceholder(graph, dtype, shape) -> [{dtype, shape}]
napi_value AddPlaceholder(napi_env env, napi_callback_info info) {
  const Arguments<3> args(env, info);
  Graph& graph = ToGraph(env, args[0]);
  const auto dtype = static_cast<TF_DataType>(ToInt(env, args[1]));
  const auto shape = ToVector(env, args[2], ToInt);
  TF_OperationDescription* description = Describe(graph, "Placeholder");
  TF_SetAttrType(description, "dtype", dtype);
  TF_SetAttrShape(description, "shape", shape.data(), shape.size());
  return Finish(env, graph, description);
}

/// addConstant(graph, dtype, shape, bytes) -> [{dtype, shape}]
napi_value AddConstant(napi_env env, napi_callback_info info) {
  const Arguments<4> args(env, info);
  Graph& graph = ToGraph(env, args[0]);
  const auto dtype = static_cast<TF_DataType>(ToInt(env, args[1]));
  const auto shape = ToVector(env, args[2], ToInt);
  const Bytes bytes = ToBytes(env, args[3]);
  std::unique_ptr<TF_Tensor, decltype(&TF_DeleteTensor)> tensor(
      TF_AllocateTensor(dtype, shape.data(), shape.size(), bytes.length), TF_DeleteTensor);
  if (!tensor || TF_TensorByteSize(tensor.get()) != bytes.length || TF_DataTypeSize(dtype) == 0)
    throw std::runtime_error("a constant's bytes do not fit its shape");
  if (bytes.length) std::memcpy(TF_TensorData(tensor.get()), bytes.data, bytes.length);
  TF_OperationDescription* description = Describe(graph, "Const");
  Status status;
  TF_SetAttrType(description, "dtype", dtype);
  TF_SetAttrTensor(description, "value", tensor.get(), status.get());
  napi_value outputs = Finish(env, graph, description);
  status.Require();
  return outputs;
}

/// addOperation(graph, op, inputs [[node, output], ...], attributes) -> [{dtype, shape}, ...]
napi_value AddOperation(napi_env env, napi_callback_info info) {
  const Arguments<4> args(env, info);
  Graph& graph = ToGraph(env, args[0]);
  const std::string op = ToString(env, args[1]);
  const auto inputs = ToOutputs(env, args[2], graph);
  const uint32_t attributes = Length(env, args[3]);
  // Of an operation on N tensors of one kind (Pack, AddN, ConcatV2) those come first, as one list.
  size_t listed = 0;
  for (uint32_t index = 0; index < attributes; index++) {
    napi_value attribute;
    Check(napi_get_element(env, args[3], index, &attribute));
    if (ToString(env, Property(env, attribute, "name")) == "N") listed = ToInt(env, Property(env, attribute, "value"));
  }
  if (listed > inputs.size()) throw std::runtime_error("an operation has fewer inputs than its N");
  TF_OperationDescription* description = Describe(graph, op);
  try {
    for (uint32_t index = 0; index < attributes; index++) {
      napi_value attribute;
      Check(napi_get_element(env, args[3], index, &attribute));
      // N follows from the list.
      if (ToString(env, Property(env, attribute, "name")) != "N") SetAttribute(env, description, attribute);
    }
  } catch (...) {
    // The only way to free a description is to finish it; the graph is given up after an error.
    Status ignored;
    TF_FinishOperation(description, ignored.get());
    throw;
  }
  if (listed) TF_AddInputList(description, inputs.data(), listed);
  for (size_t index = listed; index < inputs.size(); index++) TF_AddInput(description, inputs[index]);
  return Finish(env, graph, description);
}

}  // namespace

Graph& ToGraph(napi_env env, napi_value value) {
  bool is = false;
  if (napi_check_object_type_tag(env, value, &graph_tag, &is) != napi_ok || !is)
    throw std::runtime_error("this is no graph");
  void* data = nullptr;
  Check(napi_get_value_external(env, value, &data));
  return *static_cast<Graph*>(data);
}

std::vector<TF_Output> ToOutputs(napi_env env, napi_value pairs, const Graph& graph) {
  return ToVector(env, pairs, [&graph](napi_env e, napi_value pair) {
    const auto place = ToVector(e, pair, ToInt);
    if (place.size() != 2 || place[0] < 0 || place[0] >= static_cast<int64_t>(graph.operations.size()) ||
        place[1] < 0 || place[1] >= TF_OperationNumOutputs(graph.operations[place[0]]))
      throw std::runtime_error("a graph has no such tensor");
    return TF_Output{graph.operations[place[0]], static_cast<int>(place[1])};
  });
}

void ExportGraphCalls(napi_env env, napi_value exports) {
  Export<NewGraph>(env, exports, "newGraph");
  Export<AddPlaceholder>(env, exports, "addPlaceholder");
  Export<AddConstant>(env, exports, "addConstant");
  Export<AddOperation>(env, exports, "addOperation");
}

}  // namespace autodidact
