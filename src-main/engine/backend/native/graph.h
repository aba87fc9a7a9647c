#pragma once

#include <node_api.h>
#include <memory>
#include <vector>
#include "tensorflow/c/c_api.h"

namespace autodidact {

using GraphPointer = std::unique_ptr<TF_Graph, decltype(&TF_DeleteGraph)>;

/// A graph that grows node by node; `operations[n]` is what node n of the JavaScript side became.
struct Graph {
  GraphPointer graph{TF_NewGraph(), TF_DeleteGraph};
  std::vector<TF_Operation*> operations;
};

/// Reads [node, output] pairs. Throws where there is no such node.
std::vector<TF_Output> ToOutputs(napi_env env, napi_value pairs, const Graph& graph);

/// The graph that `newGraph` gave. Throws where the value is none.
Graph& ToGraph(napi_env env, napi_value value);

void ExportGraphCalls(napi_env env, napi_value exports);

}  // namespace autodidact
