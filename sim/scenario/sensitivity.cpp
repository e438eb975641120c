#include "sim/scenario/sensitivity.hpp"

namespace swarm {
namespace scenario {

const Sensitivity* find_sensitivity(std::string_view key) {
  for (const auto& one : sensitivities())
    if (one.key == key) return &one;
  return nullptr;
}

std::string sensitivity_text(const Sensitivity& s) {
  std::string text = "none measurable";
  if (!s.outcome.empty()) text = std::string(s.outcome) + ", " + std::string(s.change);
  if (s.varied.empty() && s.with.empty()) return text;
  const std::string_view separator = s.varied.empty() || s.with.empty() ? "" : "; ";
  return text + " (" + std::string(s.varied) + std::string(separator) + std::string(s.with) + ")";
}

}  // namespace scenario
}  // namespace swarm
