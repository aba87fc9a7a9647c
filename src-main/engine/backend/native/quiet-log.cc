// Keeps TensorFlow's log off stderr below TF_CPP_MIN_LOG_LEVEL: libtensorflow 2.21 logs through absl without initialising
// it, and then nobody looks at that variable. The symbol is weak: with a library that lacks it the log is merely louder.
#include <cstdlib>

#if defined(__APPLE__)
#define ABSL_SYMBOL(name) "_" name
#define OPTIONAL_SYMBOL __attribute__((weak_import))
#else
#define ABSL_SYMBOL(name) name
#define OPTIONAL_SYMBOL __attribute__((weak))
#endif

extern "C" OPTIONAL_SYMBOL void SetMinLogLevel(int level)
    asm(ABSL_SYMBOL("_ZN4absl12lts_2025081414SetMinLogLevelENS0_18LogSeverityAtLeastE"));

__attribute__((constructor)) static void QuietLog() {
  const char* level = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  if (SetMinLogLevel != nullptr && level != nullptr) SetMinLogLevel(std::atoi(level));
}
