// What tfjs-node's addon keeps private and a function call needs: its eager context and its tensors by number.
#pragma once

#include <node_api.h>
#include "tfjs_backend.h"

namespace autodidact {

using tfnodejs::TFJSBackend;

using Handles = std::unordered_map<int32_t, TFE_TensorHandle*>;

/// Pointers to the private members. An explicit instantiation may name them (C++17 [temp.explicit]/12).
TFE_Context* TFJSBackend::*ContextMember();
Handles TFJSBackend::*HandlesMember();
int32_t (TFJSBackend::*InsertMember())(TFE_TensorHandle*);

template <auto Context, auto Handles_, auto Insert>
struct PrivateMembers {
  friend TFE_Context* TFJSBackend::*ContextMember() { return Context; }
  friend Handles TFJSBackend::*HandlesMember() { return Handles_; }
  friend int32_t (TFJSBackend::*InsertMember())(TFE_TensorHandle*) { return Insert; }
};
template struct PrivateMembers<&TFJSBackend::tfe_context_, &TFJSBackend::tfe_handle_map_, &TFJSBackend::InsertHandle>;

inline TFE_Context* ContextOf(TFJSBackend* backend) { return backend->*ContextMember(); }

/// null where there is no tensor of that number.
inline TFE_TensorHandle* FindHandle(TFJSBackend* backend, int32_t id) {
  const Handles& handles = backend->*HandlesMember();
  const auto entry = handles.find(id);
  return entry == handles.end() ? nullptr : entry->second;
}

/// Gives the number of the tensor, which the addon owns from then on.
inline int32_t InsertTensor(TFJSBackend* backend, TFE_TensorHandle* handle) {
  return (backend->*InsertMember())(handle);
}

inline TFJSBackend* BackendOf(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return static_cast<TFJSBackend*>(data);
}

}  // namespace autodidact
