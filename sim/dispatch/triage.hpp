#pragma once
#include <cstdint>

#include "sim/dispatch/params.hpp"

/// First look at a request, before anything is spent on it.
namespace swarm {
namespace dispatch {

/// How a request is handled. Express: one specialist answers.
enum class Mode : std::uint8_t { express };

/// Score in [0, 1]: weighted mean of relative length (tok / tok_scale, at most 1), complexity κ and urgency.
/// All weights zero gives 0.
double triage_score(const TriageParams& p, double tok, double kappa, bool urgent);

/// Mode of a request with that score.
Mode triage_mode(double score);

}  // namespace dispatch
inline namespace core {
template <>
struct EnumNames<dispatch::Mode> {
  static constexpr std::array<std::string_view, 1> names{"express"};
};
}  // namespace core
}  // namespace swarm
