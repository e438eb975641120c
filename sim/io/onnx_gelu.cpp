#include <array>
#include <cmath>

#include "sim/io/onnx_patterns.hpp"

namespace swarm::io {
namespace {

constexpr double kSqrt2 = 1.4142135623730951;

bool near(std::optional<double> value, double wanted) {
  return value && std::abs(*value - wanted) <= 1e-5 * wanted;
}

/// The other input of a node of two of which one is `value`; empty if it is none such.
std::string partner(const OnnxNode& node, const std::string& value) {
  if (node.inputs.size() != 2) return {};
  return node.inputs[0] == value ? node.inputs[1] : node.inputs[0];
}

/// Whether the node multiplies `value` by a half.
bool halves(const OnnxView& view, const OnnxNode& node, const std::string& value) {
  const std::string factor = partner(node, value);
  return (node.op == "Mul" && near(view.scalar(factor), 0.5)) ||
         (node.op == "Div" && node.inputs[0] == value && near(view.scalar(factor), 2.0));
}

/// 1 + erf(x/√2) from the node that scales x; empty if it is something else.
std::string one_plus_erf(const OnnxView& view, const OnnxNode& scaling, const std::string& x) {
  const std::string factor = partner(scaling, x);
  const bool scales = (scaling.op == "Div" && scaling.inputs[0] == x && near(view.scalar(factor), kSqrt2)) ||
                      (scaling.op == "Mul" && near(view.scalar(factor), 1 / kSqrt2));
  const OnnxNode* erf = scales ? view.taker(scaling.outputs[0]) : nullptr;
  const OnnxNode* add = erf && erf->op == "Erf" ? view.taker(erf->outputs[0]) : nullptr;
  if (!add || add->op != "Add" || !near(view.scalar(partner(*add, erf->outputs[0])), 1.0)) return {};
  return add->outputs[0];
}

}  // namespace

std::optional<std::string> match_gelu(const OnnxView& view, const std::string& x) {
  const auto& all = view.takers(x);
  if (all.size() != 2 || x == view.output()) return std::nullopt;
  for (const auto& [scaling, other] : {std::array{all[0], all[1]}, std::array{all[1], all[0]}}) {
    const std::string bracket = one_plus_erf(view, *scaling, x);
    const OnnxNode* product = bracket.empty() ? nullptr : view.taker(bracket);
    if (!product || product->op != "Mul") continue;
    if (product == other && partner(*product, bracket) == x) {  // x·(1 + erf), halved afterwards
      const OnnxNode* half = view.taker(product->outputs[0]);
      if (half && halves(view, *half, product->outputs[0])) return half->outputs[0];
    } else if (halves(view, *other, x) && partner(*product, bracket) == other->outputs[0] &&
               view.taker(other->outputs[0])) {
      return product->outputs[0];
    } else if (halves(view, *product, bracket)) {  // ½·(1 + erf), then times x
      const OnnxNode* times = view.taker(product->outputs[0]);
      if (times == other && times->op == "Mul" && partner(*times, product->outputs[0]) == x) return times->outputs[0];
    }
  }
  return std::nullopt;
}

}  // namespace swarm::io
