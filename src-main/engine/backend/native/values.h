// JavaScript values to C++ and back. What goes wrong is thrown as a C++ exception; `Guard` turns it into a JavaScript one.
#pragma once

#include <node_api.h>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>
#include "tensorflow/c/c_api.h"

namespace autodidact {

/// A JavaScript exception is pending already.
struct Pending {};

inline void Check(napi_status status) {
  if (status == napi_pending_exception) throw Pending();
  if (status != napi_ok) throw std::runtime_error("the addon was called with a wrong value");
}

class Status {
 public:
  TF_Status* get() { return status_.get(); }
  /// Throws TensorFlow's message.
  void Require() {
    if (TF_GetCode(get()) != TF_OK) throw std::runtime_error(TF_Message(get()));
  }

 private:
  std::unique_ptr<TF_Status, decltype(&TF_DeleteStatus)> status_{TF_NewStatus(), TF_DeleteStatus};
};

inline std::string ToString(napi_env env, napi_value value) {
  size_t length = 0;
  Check(napi_get_value_string_utf8(env, value, nullptr, 0, &length));
  std::string text(length, '\0');
  Check(napi_get_value_string_utf8(env, value, text.data(), length + 1, &length));
  return text;
}

inline int64_t ToInt(napi_env env, napi_value value) {
  int64_t number = 0;
  Check(napi_get_value_int64(env, value, &number));
  return number;
}

inline double ToDouble(napi_env env, napi_value value) {
  double number = 0;
  Check(napi_get_value_double(env, value, &number));
  return number;
}

inline bool ToBool(napi_env env, napi_value value) {
  bool flag = false;
  Check(napi_get_value_bool(env, value, &flag));
  return flag;
}

inline napi_value Property(napi_env env, napi_value object, const char* name) {
  napi_value value;
  Check(napi_get_named_property(env, object, name, &value));
  return value;
}

inline uint32_t Length(napi_env env, napi_value array) {
  uint32_t length = 0;
  Check(napi_get_array_length(env, array, &length));
  return length;
}

/// The elements of an array, each read by `read`.
template <typename Read>
auto ToVector(napi_env env, napi_value array, Read read) -> std::vector<decltype(read(env, array))> {
  std::vector<decltype(read(env, array))> values;
  const uint32_t length = Length(env, array);
  values.reserve(length);
  for (uint32_t index = 0; index < length; index++) {
    napi_value element;
    Check(napi_get_element(env, array, index, &element));
    values.push_back(read(env, element));
  }
  return values;
}

inline bool IsArray(napi_env env, napi_value value) {
  bool is = false;
  Check(napi_is_array(env, value, &is));
  return is;
}

/// The bytes of a typed array; valid while the call lasts.
struct Bytes {
  const void* data;
  size_t length;
};

inline Bytes ToBytes(napi_env env, napi_value value) {
  bool is = false;
  Check(napi_is_typedarray(env, value, &is));
  if (!is) throw std::runtime_error("bytes must be a typed array");
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  Check(napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr));
  static const size_t sizes[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
  return {data, length * sizes[type]};
}

inline napi_value FromInt(napi_env env, int64_t number) {
  napi_value value;
  Check(napi_create_int64(env, number, &value));
  return value;
}

/// {dtype, shape}
inline napi_value TensorInfo(napi_env env, TF_DataType dtype, const std::vector<int64_t>& shape) {
  napi_value info, sizes;
  Check(napi_create_object(env, &info));
  Check(napi_create_array_with_length(env, shape.size(), &sizes));
  for (uint32_t axis = 0; axis < shape.size(); axis++)
    Check(napi_set_element(env, sizes, axis, FromInt(env, shape[axis])));
  Check(napi_set_named_property(env, info, "dtype", FromInt(env, dtype)));
  Check(napi_set_named_property(env, info, "shape", sizes));
  return info;
}

/// The arguments of a call; throws if there are fewer than `Count`.
template <size_t Count>
struct Arguments {
  napi_value values[Count];
  Arguments(napi_env env, napi_callback_info info) {
    size_t count = Count;
    Check(napi_get_cb_info(env, info, &count, values, nullptr, nullptr));
    if (count < Count) throw std::runtime_error("too few arguments");
  }
  napi_value operator[](size_t index) const { return values[index]; }
};

/// Makes a function that may throw one that Node can call.
template <napi_value (*Function)(napi_env, napi_callback_info)>
napi_value Guard(napi_env env, napi_callback_info info) {
  try {
    return Function(env, info);
  } catch (const Pending&) {
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return nullptr;
}

/// Adds a function to the addon's exports.
template <napi_value (*Function)(napi_env, napi_callback_info)>
void Export(napi_env env, napi_value exports, const char* name) {
  napi_value value;
  Check(napi_create_function(env, name, NAPI_AUTO_LENGTH, Guard<Function>, nullptr, &value));
  Check(napi_set_named_property(env, exports, name, value));
}

}  // namespace autodidact
