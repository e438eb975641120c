#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/core/params.hpp"

/// Which instruction set the kernels run on. All sets give the same bits; they differ in speed only.
namespace swarm {
namespace nn {

namespace isa {
struct Kernels;
}

/// portable: 128-bit vectors of the baseline; avx2: 256-bit with FMA; avx512: 512-bit (F, VL, BW,
/// DQ, VNNI: Cascade Lake, Ice Lake, Zen 4 and what came after; older ones run avx2).
enum class Isa : std::uint8_t { portable, avx2, avx512 };

/// The set in use: the one forced for tests, else the environment's SWARMSIM_SIMD (read once), else the best
/// this machine supports. Throws InputError for a value that is no set or that the machine lacks.
Isa active_isa();

/// Whether this machine and its operating system can run the set.
bool supported(Isa set);

/// The set a person named, as in SWARMSIM_SIMD; InputError lists the usable names.
Isa isa_from_name(std::string_view name);

/// Overrides the choice for the whole process; nullopt ends the override. The set must be supported.
void force_isa_for_tests(std::optional<Isa> set);

/// The kernels of one set.
const isa::Kernels& kernels_of(Isa set);

}  // namespace nn

inline namespace core {
template <>
struct EnumNames<nn::Isa> {
  static constexpr std::array<std::string_view, 3> names{"portable", "avx2", "avx512"};
};
}  // namespace core
}  // namespace swarm
