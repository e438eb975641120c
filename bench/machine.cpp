#include "bench/machine.hpp"

#include <fmt/format.h>
#include <immintrin.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "agents/nn/isa.hpp"
#include "agents/nn/model.hpp"

namespace swarm {
namespace bench {
namespace {

/// Factors that the compiler cannot know, and a place where results go so that nothing is dropped.
struct alignas(64) Sink {
  float value[32] = {0.5f, 0.5f};
};
Sink sink;
Sink* volatile hidden_sink = &sink;

__attribute__((target("avx512f"))) std::uint64_t spin_avx512(std::size_t rounds, float* data) {
  __m512 acc[16];
  for (auto& a : acc) a = _mm512_set1_ps(1.0f);
  const __m512 x = _mm512_set1_ps(data[0]), y = _mm512_set1_ps(data[1]);
  for (std::size_t i = 0; i < rounds; ++i)
#pragma GCC unroll 16
    for (auto& a : acc) a = _mm512_fmadd_ps(a, x, y);
  for (std::size_t j = 1; j < 16; ++j) acc[0] = _mm512_add_ps(acc[0], acc[j]);
  _mm512_store_ps(data + 16, acc[0]);
  return rounds * 16 * 16;
}

std::uint64_t spin_avx2(std::size_t rounds, float* data) {
  __m256 acc[12];
  for (auto& a : acc) a = _mm256_set1_ps(1.0f);
  const __m256 x = _mm256_set1_ps(data[0]), y = _mm256_set1_ps(data[1]);
  for (std::size_t i = 0; i < rounds; ++i)
#pragma GCC unroll 12
    for (auto& a : acc) a = _mm256_fmadd_ps(a, x, y);
  for (std::size_t j = 1; j < 12; ++j) acc[0] = _mm256_add_ps(acc[0], acc[j]);
  _mm256_store_ps(data + 16, acc[0]);
  return rounds * 12 * 8;
}

/// One instruction on sixteen independent sums, written out so that none of them can leave its register.
#define SWARM_SIXTEEN(instruction)                                                                         \
  instruction(0) instruction(1) instruction(2) instruction(3) instruction(4) instruction(5) instruction(6) \
      instruction(7) instruction(8) instruction(9) instruction(10) instruction(11) instruction(12)         \
          instruction(13) instruction(14) instruction(15)
#define SWARM_INT8(n) "vpdpbusd %%zmm17, %%zmm16, %%zmm" #n "\n\t"
#define SWARM_BF16(n) "vdpbf16ps %%zmm17, %%zmm16, %%zmm" #n "\n\t"
#define SWARM_ZMM                                                                                            \
  "zmm0", "zmm1", "zmm2", "zmm3", "zmm4", "zmm5", "zmm6", "zmm7", "zmm8", "zmm9", "zmm10", "zmm11", "zmm12", \
      "zmm13", "zmm14", "zmm15", "zmm16", "zmm17"

__attribute__((target("avx512f,avx512vnni"))) std::uint64_t spin_int8(std::size_t rounds) {
  for (std::size_t i = 0; i < rounds; ++i) asm volatile(SWARM_SIXTEEN(SWARM_INT8) : : : SWARM_ZMM);
  return rounds * 16 * 64;
}

__attribute__((target("avx512f,avx512bf16"))) std::uint64_t spin_bf16(std::size_t rounds) {
  // Whatever the registers hold could be slow on some machine: zeros are not.
  asm volatile("vpxord %%zmm16, %%zmm16, %%zmm16\n\tvpxord %%zmm17, %%zmm17, %%zmm17" : : : "zmm16", "zmm17");
  for (std::size_t i = 0; i < rounds; ++i) asm volatile(SWARM_SIXTEEN(SWARM_BF16) : : : SWARM_ZMM);
  return rounds * 16 * 32;
}

__attribute__((target("avx512f"))) void read_avx512(std::span<const float> data, float* out) {
  __m512 sum[8];
  for (auto& s : sum) s = _mm512_setzero_ps();
  for (std::size_t i = 0; i < data.size(); i += 128)
#pragma GCC unroll 8
    for (std::size_t j = 0; j < 8; ++j)
      sum[j] = _mm512_add_ps(sum[j], _mm512_load_ps(data.data() + i + 16 * j));
  for (std::size_t j = 1; j < 8; ++j) sum[0] = _mm512_add_ps(sum[0], sum[j]);
  _mm512_store_ps(out, sum[0]);
}

void read_avx2(std::span<const float> data, float* out) {
  __m256 sum[8];
  for (auto& s : sum) s = _mm256_setzero_ps();
  for (std::size_t i = 0; i < data.size(); i += 64)
#pragma GCC unroll 8
    for (std::size_t j = 0; j < 8; ++j)
      sum[j] = _mm256_add_ps(sum[j], _mm256_load_ps(data.data() + i + 8 * j));
  for (std::size_t j = 1; j < 8; ++j) sum[0] = _mm256_add_ps(sum[0], sum[j]);
  _mm256_store_ps(out, sum[0]);
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Reads its part `passes` times, starting together with the others; returns the seconds from then.
double timed_reads(std::span<const float> data, std::size_t passes, std::barrier<>& together) {
  read_all(data);
  together.arrive_and_wait();
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < passes; ++i) read_all(data);
  return seconds_since(start);
}

/// Of the first processor, as the kernel tells it; the C library reports the third level of all cores
/// together.
std::size_t cache_size(int level, std::size_t otherwise) {
  for (int index = 0; index < 8; ++index) {
    const std::string folder = fmt::format("/sys/devices/system/cpu/cpu0/cache/index{}/", index);
    int found = 0;
    std::string type;
    std::size_t kibibytes = 0;
    std::ifstream(folder + "level") >> found;
    std::ifstream(folder + "type") >> type;
    std::ifstream(folder + "size") >> kibibytes;
    if (found == level && type != "Instruction" && kibibytes > 0) return kibibytes << 10;
  }
  return otherwise;
}

}  // namespace

bool has(Arithmetic kind) {
  const bool wide = nn::active_isa() == nn::Isa::avx512;
  switch (kind) {
    case Arithmetic::fp32:
    case Arithmetic::fp32_avx2:
      return true;
    case Arithmetic::int8:
      return wide && __builtin_cpu_supports("avx512vnni");
    case Arithmetic::bf16:
      return wide && __builtin_cpu_supports("avx512bf16");
  }
  return false;
}

std::uint64_t spin(Arithmetic kind, std::size_t rounds) {
  float* data = hidden_sink->value;
  switch (kind) {
    case Arithmetic::fp32:
      return nn::active_isa() == nn::Isa::avx512 ? spin_avx512(rounds, data) : spin_avx2(rounds, data);
    case Arithmetic::fp32_avx2:
      return spin_avx2(rounds, data);
    case Arithmetic::int8:
      return spin_int8(rounds);
    case Arithmetic::bf16:
      return spin_bf16(rounds);
  }
  return 0;
}

double peak_macs_per_second(Arithmetic kind) {
  double best = 0;
  for (int i = 0; i < 20; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const std::uint64_t macs = spin(kind, 50'000);  // 0.1 ms
    best = std::max(best, static_cast<double>(macs) / seconds_since(start));
  }
  return best;
}

void read_all(std::span<const float> data) {
  alignas(64) float out[16];
  nn::active_isa() == nn::Isa::avx512 ? read_avx512(data, out) : read_avx2(data, out);
  asm volatile("" : : "r"(out) : "memory");
}

double read_bytes_per_second(std::size_t bytes, int threads) {
  const std::size_t each =
      bytes / static_cast<std::size_t>(threads) / 512 * 128;  // floats, in whole 512 bytes
  const std::size_t passes = std::max<std::size_t>(1, (64u << 20) / bytes);
  double best = 0;
  for (int attempt = 0; attempt < 5; ++attempt) {
    std::barrier together(threads);
    std::vector<double> took(static_cast<std::size_t>(threads));
    {
      std::vector<std::jthread> team;
      for (double& seconds : took)
        team.emplace_back([&together, &seconds, each, passes] {
          const nn::AlignedFloats part(each, 1.0f);
          seconds = timed_reads(part, passes, together);
        });
    }
    const double read = static_cast<double>(each * sizeof(float) * passes) * threads;
    best = std::max(best, read / *std::max_element(took.begin(), took.end()));
  }
  return best;
}

Caches caches() {
  static const Caches sizes{cache_size(1, 32u << 10), cache_size(2, 1u << 20), cache_size(3, 32u << 20)};
  return sizes;
}

std::string_view level_of(std::size_t bytes) {
  const Caches sizes = caches();
  return bytes <= sizes.l1 ? "L1" : bytes <= sizes.l2 ? "L2" : bytes <= sizes.l3 ? "L3" : "DRAM";
}

}  // namespace bench
}  // namespace swarm
