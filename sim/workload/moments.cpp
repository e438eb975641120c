#include "sim/workload/moments.hpp"

#include <algorithm>
#include <cmath>

#include "sim/core/errors.hpp"
#include "sim/core/math.hpp"
#include "sim/core/stats.hpp"

namespace swarm {
namespace workload {
namespace {

/// X = exp(μ + σZ) with arithmetic mean `mean`.
struct LogNormal {
  double mean, mu, sigma;

  double above(double x) const { return math::normal_cdf((mu - math::log(x)) / sigma); }
  /// E[min(X, limit)].
  double mean_below(double limit) const {
    const double z = (math::log(limit) - mu) / sigma;
    return mean * math::normal_cdf(z - sigma) + limit * math::normal_cdf(-z);
  }
};

/// E[min(M, max(1, round(X)))] = 1 + Σ_{k=2}^{M} P(X ≥ k − ½): term by term for small k, beyond that the sum
/// is the midpoint rule of ∫ P(X ≥ x) dx, which is known in closed form.
double mean_tok(double mean, double sigma, double tok_max) {
  const double most = std::max(1.0, std::floor(tok_max));
  if (sigma == 0) return std::clamp(std::floor(mean + 0.5), 1.0, most);
  const LogNormal x{mean, math::log(mean) - 0.5 * sigma * sigma, sigma};
  const double summed = std::min(most, 4096.0);
  CompensatedSum sum;
  sum.add(1);
  for (double k = 2; k <= summed; ++k) sum.add(x.above(k - 0.5));
  if (most > summed) sum.add(x.mean_below(most) - x.mean_below(summed));
  return sum.value();
}

double mean_tok(std::span<const std::uint32_t> tok, double tok_max) {
  const double most = std::max(1.0, std::floor(tok_max));
  CompensatedSum sum;
  for (const std::uint32_t t : tok) sum.add(std::clamp(static_cast<double>(t), 1.0, most));
  return sum.value() / static_cast<double>(tok.size());
}

}  // namespace

TokMean expected_tok(const WorkloadParams& params) {
  return {mean_tok(params.tok_in_mean, params.tok_sigma, params.tok_max),
          mean_tok(params.tok_out_mean, params.tok_sigma, params.tok_max)};
}

TokMean expected_tok(const WorkloadParams& params, const RequestTrace& trace) {
  return {mean_tok(trace.tok_in(), params.tok_max), mean_tok(trace.tok_out(), params.tok_max)};
}

std::array<double, kProblemTypes> type_shares(const WorkloadParams& params) {
  std::array<double, kProblemTypes> shares{params.vision, params.language, params.reasoning, params.memory};
  double total = 0;
  for (const double share : shares) total += share;
  if (!(total > 0))
    throw InputError(Diagnostic{"", 0, 0, "the weights of all problem types are 0",
                                "a request must be of some type",
                                "give one of workload.vision, language, reasoning, memory a weight"});
  for (double& share : shares) share /= total;
  return shares;
}

}  // namespace workload
}  // namespace swarm
