#include "agents/nn/isa.hpp"

#include <atomic>
#include <cstdlib>
#include <string>

#include "agents/nn/isa/kernels.hpp"
#include "sim/core/checks.hpp"

namespace swarm {
namespace nn {
namespace {

constexpr int kNotForced = -1;
std::atomic<int> forced_for_tests{kNotForced};

constexpr std::size_t kSets = EnumNames<Isa>::names.size();

std::string usable_names() {
  std::string list;
  for (std::size_t i = 0; i < kSets; ++i) {
    if (!supported(static_cast<Isa>(i))) continue;
    if (!list.empty()) list += ", ";
    list += EnumNames<Isa>::names[i];
  }
  return list;
}

[[noreturn]] void refuse(std::string_view name, std::string problem) {
  std::vector<std::string> candidates;
  for (std::size_t i = 0; i < kSets; ++i)
    if (supported(static_cast<Isa>(i))) candidates.emplace_back(EnumNames<Isa>::names[i]);
  const std::string nearest = nearest_spelling(std::string(name), candidates);
  Diagnostic diagnostic;
  diagnostic.problem = std::move(problem);
  diagnostic.why = "SWARMSIM_SIMD forces the instruction set of the network kernels";
  diagnostic.suggestion =
      fmt::format("usable on this machine: {}; unset it to choose the fastest", usable_names());
  if (!nearest.empty())
    diagnostic.suggestion = fmt::format("did you mean {}? ", nearest) + diagnostic.suggestion;
  throw InputError(std::move(diagnostic));
}

Isa chosen_by_environment() {
  const char* name = std::getenv("SWARMSIM_SIMD");
  if (name != nullptr && *name != '\0') return isa_from_name(name);
  for (std::size_t i = kSets; i-- > 1;)
    if (supported(static_cast<Isa>(i))) return static_cast<Isa>(i);
  return Isa::portable;
}

}  // namespace

bool supported(Isa set) {
  switch (set) {
    case Isa::portable:
      return true;
    case Isa::avx2:
      return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
    case Isa::avx512:
      return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
             __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
             __builtin_cpu_supports("avx512vnni") != 0;
  }
  return false;
}

Isa isa_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kSets; ++i) {
    if (EnumNames<Isa>::names[i] != name) continue;
    if (!supported(static_cast<Isa>(i))) refuse(name, fmt::format("this machine cannot run {}", name));
    return static_cast<Isa>(i);
  }
  refuse(name, fmt::format("SWARMSIM_SIMD=\"{}\" is no instruction set", name));
}

Isa active_isa() {
  const int forced = forced_for_tests.load(std::memory_order_relaxed);
  if (forced != kNotForced) return static_cast<Isa>(forced);
  static const Isa chosen = chosen_by_environment();
  return chosen;
}

void force_isa_for_tests(std::optional<Isa> set) {
  EXPECT(!set || supported(*set));
  forced_for_tests.store(set ? static_cast<int>(*set) : kNotForced, std::memory_order_relaxed);
}

const isa::Kernels& kernels_of(Isa set) {
  EXPECT(supported(set));
  switch (set) {
    case Isa::avx512:
      return isa::kAvx512;
    case Isa::avx2:
      return isa::kAvx2;
    case Isa::portable:
      break;
  }
  return isa::kPortable;
}

}  // namespace nn
}  // namespace swarm
