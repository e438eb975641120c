#pragma once
#include <cstdint>

/// The language of reasoning problems: digits, operators, and where they stand in the 64 inputs.
namespace swarm {
namespace tasks {

/// Comparison and logic are easy, arithmetic modulo 10 and exclusive or are hard.
enum class Operator : std::uint8_t { compare, maximum, minimum, bit_and, add, subtract, multiply, bit_xor };

/// a op b for digits a, b; always a digit. `compare` is 0, 1 or 2 as a is less than, equal
/// to or greater than b; arithmetic and exclusive or are taken modulo 10.
std::uint32_t apply(Operator op, std::uint32_t a, std::uint32_t b);

// First input of each one-hot block; a third operand and a second operator may be absent. Inputs 46 … 63 are
// 0.
inline constexpr std::uint32_t kFirstOperandAt = 0, kSecondOperandAt = 10, kThirdOperandAt = 20;
inline constexpr std::uint32_t kFirstOperatorAt = 30, kSecondOperatorAt = 38;

}  // namespace tasks
}  // namespace swarm
