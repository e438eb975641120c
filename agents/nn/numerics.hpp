#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "sim/core/params.hpp"

/// In which numbers a network runs. Its parameters stay in single precision; what the kernels read is made from them.
namespace swarm {
namespace nn {

/// Of the weights of all matrices. bf16 and fp16 are stored in 16 bits and multiplied in single precision; int8 and
/// int4 are integers with a scale per output, multiplied with 8-bit activations; bf16_dot rounds activations too and
/// multiplies by an instruction that not every machine has and whose roundings are the processor's own: a choice
/// outside the promise of equal bits.
enum class Format : std::uint8_t { fp32, bf16, fp16, int8, int4, bf16_dot };

struct Numerics {
  Format format = Format::fp32;
  bool sparse = false;      ///< fp32: weights that are zero are neither stored nor multiplied
  bool calibrated = false;  ///< int8, int4: the range of each matrix's input was measured beforehand (static); else each
                            ///< row has its own (dynamic)

  bool integers() const { return format == Format::int8 || format == Format::int4; }
  friend bool operator==(const Numerics&, const Numerics&) = default;
};

/// Throws ModelError for a combination that does not exist, and for bf16_dot on a machine without it.
void check(const Numerics& numerics);

/// Whether this machine and its operating system have bf16_dot's instruction (AVX512_BF16: Cooper Lake, Sapphire
/// Rapids, Zen 4 and what came after).
bool bf16_dot_supported();

}  // namespace nn

inline namespace core {
template <>
struct EnumNames<nn::Format> {
  static constexpr std::array<std::string_view, 6> names{"fp32", "bf16", "fp16", "int8", "int4", "bf16-dot"};
};
}  // namespace core
}  // namespace swarm
