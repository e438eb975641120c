#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

/// What 100 % means on this machine: multiply-adds of one core, and bytes read per second from each level of
/// memory. Everything is chosen at run time from the instructions that the kernels may use here
/// (SWARMSIM_SIMD narrows them).
namespace swarm {
namespace bench {

/// Kinds of multiply-add that a core can be asked for.
enum class Arithmetic : std::uint8_t {
  fp32,       ///< the widest set the kernels may use here
  fp32_avx2,  ///< eight lanes
  int8,       ///< u8 · s8 summed in s32 by AVX-512 VNNI, 64 at once
  bf16,       ///< pairs of bf16 summed in fp32 by AVX-512 BF16, 32 at once
};

/// Whether this machine has the instructions.
bool has(Arithmetic kind);
/// Independent multiply-adds in registers, as many as the core can retire, of a supported kind. Returns how
/// many there were.
std::uint64_t spin(Arithmetic kind, std::size_t rounds);
/// Multiply-adds per second of one core: the best of several short tries, since others may use the core
/// meanwhile.
double peak_macs_per_second(Arithmetic kind = Arithmetic::fp32);

/// Reads all of it once in the widest vectors, front to back, into independent sums; data is 64-byte aligned
/// and a multiple of 512 bytes.
void read_all(std::span<const float> data);
/// Bytes per second that `threads` threads read together, each from a part of its own of `bytes` bytes in
/// all: the best of several tries. Pages are as large as the allocator and the system leave them.
double read_bytes_per_second(std::size_t bytes, int threads);

/// Data caches of one core [B]; what the system does not tell is taken as 32 KiB, 1 MiB, 32 MiB.
struct Caches {
  std::size_t l1, l2, l3;
};
Caches caches();
/// The nearest level that holds so many bytes: "L1", "L2", "L3" or "DRAM".
std::string_view level_of(std::size_t bytes);

}  // namespace bench
}  // namespace swarm
