#pragma once

#include <node_api.h>

namespace autodidact {

void ExportFunctionCalls(napi_env env, napi_value exports);

}  // namespace autodidact
