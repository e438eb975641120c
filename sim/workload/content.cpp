#include "sim/workload/content.hpp"

#include <algorithm>
#include <cmath>

#include "sim/core/checks.hpp"
#include "sim/workload/moments.hpp"

namespace swarm {
namespace workload {

std::uint64_t word_threshold(double probability) {
  return static_cast<std::uint64_t>(std::floor(probability * 0x1p32 + 0.5));
}

ContentSampler::ContentSampler(const WorkloadParams& params, std::uint32_t bank_items)
    : urgent_below_(word_threshold(params.urgent_share)),
      bank_items_(bank_items),
      alpha_(static_cast<std::uint32_t>(params.complexity_alpha + 0.5)),
      uniforms_(alpha_ + static_cast<std::uint32_t>(params.complexity_beta + 0.5) - 1),
      tok_max_(std::max(1.0, std::floor(params.tok_max))),
      deadline_{static_cast<float>(params.deadline.seconds),
                static_cast<float>(params.urgent_deadline.seconds)} {
  EXPECT(bank_items >= 1 && alpha_ >= 1 && uniforms_ >= alpha_ && uniforms_ <= 4 * kMaxComplexityBlocks);
  const auto shares = type_shares(params);
  double below = 0;
  for (std::size_t t = 0; t + 1 < kProblemTypes; ++t) {
    below += shares[t];
    const bool rest = std::any_of(shares.begin() + static_cast<std::ptrdiff_t>(t) + 1, shares.end(),
                                  [](double share) { return share > 0; });
    type_below_[t] =
        rest ? word_threshold(below) : std::uint64_t{1} << 32;  // no rounding gap for a type of weight 0
  }
}

void ContentSampler::draw_complexity(std::span<const RandomBlock> blocks, std::span<Content> out) const {
  const std::size_t n = out.size();
  // One column per uniform, so that the selection below works on many requests at once.
  std::array<std::array<std::uint32_t, kContentChunk>, 4 * kMaxComplexityBlocks> u;
  for (std::uint32_t k = 0; k < uniforms_; ++k)
    for (std::size_t i = 0; i < n; ++i) u[k][i] = blocks[k / 4 * kContentChunk + i][k % 4];
  for (std::uint32_t place = 0; place < alpha_; ++place)
    for (std::uint32_t k = place + 1; k < uniforms_; ++k)
      for (std::size_t i = 0; i < n; ++i) {
        const std::uint32_t a = u[place][i], b = u[k][i];
        u[place][i] = std::min(a, b);
        u[k][i] = std::max(a, b);
      }
  for (std::size_t i = 0; i < n; ++i) out[i].complexity = static_cast<float>(uniform_open(u[alpha_ - 1][i]));
}

}  // namespace workload
}  // namespace swarm
