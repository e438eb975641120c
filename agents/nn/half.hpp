#pragma once
#include <bit>
#include <cstdint>

/// Numbers in 16 bits. bf16: the upper half of an fp32, 8 significant bits (Wang & Kanwar 2019). fp16: IEEE 754 binary16,
/// 11 significant bits, largest number 65,504, smallest 2⁻²⁴.
namespace swarm {
namespace nn {

/// Nearest number of the format, ties to even; subnormals are kept, what is too large becomes an infinity,
/// NaN keeps its sign and the upper bits of its payload and becomes quiet.
constexpr std::uint16_t to_bf16(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<std::uint16_t>(bits >> 16 | 0x40u);
  return static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

/// Likewise.
constexpr std::uint16_t to_fp16(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7fffffffu;
  std::uint32_t half = 0;
  if (magnitude > 0x7f800000u) {
    half = 0x7e00u | (magnitude >> 13 & 0x1ffu);
  } else if (magnitude >= 0x477ff000u) {  // 65,520, half-way from the largest number to the next
    half = 0x7c00u;
  } else if (magnitude >= 0x38800000u) {  // 2⁻¹⁴, the smallest normal number
    half = (magnitude - 0x38000000u + 0xfffu + (magnitude >> 13 & 1u)) >> 13;
  } else if (magnitude >= 0x33000000u) {  // 2⁻²⁵, half of the smallest number: whole units of 2⁻²⁴
    const std::uint32_t shift = 126u - (magnitude >> 23), digits = (magnitude & 0x7fffffu) | 0x800000u;
    half = (digits + (1u << (shift - 1)) - 1u + (digits >> shift & 1u)) >> shift;
  }
  return static_cast<std::uint16_t>(sign | half);
}

/// Exact, NaN included.
constexpr float from_bf16(std::uint16_t half) {
  return std::bit_cast<float>(std::uint32_t{half} << 16);
}

/// Exact; NaN becomes quiet.
constexpr float from_fp16(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000u) << 16, magnitude = half & 0x7fffu;
  if (magnitude > 0x7c00u) return std::bit_cast<float>(sign | 0x7fc00000u | magnitude << 13);
  if (magnitude == 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u);
  if (magnitude >= 0x400u) return std::bit_cast<float>(sign | ((magnitude << 13) + 0x38000000u));
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(static_cast<float>(magnitude) * 0x1p-24f));
}

}  // namespace nn
}  // namespace swarm
