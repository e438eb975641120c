#include "agents/tasks/reasoning.hpp"

#include "agents/tasks/encoding.hpp"
#include "agents/tasks/generators.hpp"
#include "sim/core/checks.hpp"

namespace swarm {
namespace tasks {
namespace {

constexpr Range kHard{0.2, 0.9};   // chance that an operator is a hard one
constexpr Range kThird{0.0, 0.7};  // chance of a third operand

Operator draw_operator(const Style& style, double kappa, RandomSequence& random) {
  const bool hard = uniform_open(random.word()) < kHard.at(kappa);
  const Choice<kOperators / 2>& choice = hard ? style.hard_operators : style.easy_operators;
  return static_cast<Operator>(choice.pick(word16(random)) + (hard ? kOperators / 2 : 0));
}

}  // namespace

std::uint32_t apply(Operator op, std::uint32_t a, std::uint32_t b) {
  EXPECT(a < kOperands && b < kOperands);
  switch (op) {
    case Operator::compare:
      return a < b ? 0 : a == b ? 1 : 2;
    case Operator::maximum:
      return a > b ? a : b;
    case Operator::minimum:
      return a < b ? a : b;
    case Operator::bit_and:
      return a & b;
    case Operator::add:
      return (a + b) % 10;
    case Operator::subtract:
      return (a + 10 - b) % 10;
    case Operator::multiply:
      return a * b % 10;
    case Operator::bit_xor:
      return (a ^ b) % 10;
  }
  return 0;
}

std::uint8_t make_reasoning(const Style& style, double kappa, RandomSequence& random,
                            std::uint8_t out[kInputs]) {
  for (std::uint32_t i = 0; i < kInputs; ++i) out[i] = 0;
  const std::uint32_t a = style.operands.pick(word16(random));
  const std::uint32_t b = style.operands.pick(word16(random));
  const Operator first = draw_operator(style, kappa, random);
  std::uint32_t answer = apply(first, a, b);
  out[kFirstOperandAt + a] = out[kSecondOperandAt + b] = 255;
  out[kFirstOperatorAt + static_cast<std::uint32_t>(first)] = 255;
  if (uniform_open(random.word()) < kThird.at(kappa)) {
    const std::uint32_t c = style.operands.pick(word16(random));
    const Operator second = draw_operator(style, kappa, random);
    answer = apply(second, answer, c);
    out[kThirdOperandAt + c] = out[kSecondOperatorAt + static_cast<std::uint32_t>(second)] = 255;
  }
  return static_cast<std::uint8_t>(answer);
}

}  // namespace tasks
}  // namespace swarm
