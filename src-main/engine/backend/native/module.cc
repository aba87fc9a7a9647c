// The addon's entry: tfjs-node's own, under another name, then ours.
#include <node_api.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif
#include "function.h"
#include "graph.h"
#include "sgd-kernel.h"
#include "values.h"

// The compiler's arguments rename the entry that tfjs-node's source defines (tools/setup/addon.mjs).
#undef napi_register_module_v1
extern "C" napi_value register_tfjs_module(napi_env env, napi_value exports);

extern "C" NAPI_MODULE_EXPORT napi_value napi_register_module_v1(napi_env env, napi_value exports) {
#if defined(__GLIBC__)
  // By default every thread of TensorFlow gets a heap of its own and keeps what it frees: a tenth more memory, and no
  // faster.
  mallopt(M_ARENA_MAX, 1);
#endif
  exports = register_tfjs_module(env, exports);
  try {
    // Once a process: another environment of it loads the same TensorFlow.
    static const bool is_registered = (autodidact::RegisterSgdKernel(), true);
    (void)is_registered;
    autodidact::ExportGraphCalls(env, exports);
    autodidact::ExportFunctionCalls(env, exports);
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  } catch (const autodidact::Pending&) {
  }
  return exports;
}
