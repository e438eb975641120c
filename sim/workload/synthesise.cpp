#include <algorithm>
#include <array>
#include <bit>
#include <memory>

#include "sim/core/checks.hpp"
#include "sim/core/math.hpp"
#include "sim/workload/arrivals.hpp"
#include "sim/workload/content.hpp"

namespace swarm {
namespace workload {
namespace {

/// Sorts keys whose upper words are uniform: one pass into buckets of about two, then a local insertion sort.
void sort_uniform(std::span<std::uint64_t> keys) {
  const std::size_t n = keys.size();
  if (n > 32) {
    const std::size_t buckets = std::bit_ceil(n) / 2;
    const int shift = 64 - std::countr_zero(buckets);
    std::vector<std::uint32_t> begin(buckets + 1);
    for (const std::uint64_t key : keys) ++begin[(key >> shift) + 1];
    for (std::size_t b = 0; b < buckets; ++b) begin[b + 1] += begin[b];
    const std::vector<std::uint64_t> from(keys.begin(), keys.end());
    for (const std::uint64_t key : from) keys[begin[key >> shift]++] = key;
  }
  for (std::size_t i = 1; i < n; ++i) {
    const std::uint64_t key = keys[i];
    std::size_t j = i;
    for (; j > 0 && keys[j - 1] > key; --j) keys[j] = keys[j - 1];
    keys[j] = key;
  }
}

/// Log-normal tok counts of up to kContentChunk requests: exp(μ + σ·Φ⁻¹(u)) with the given arithmetic mean,
/// rounded.
class TokSampler {
 public:
  explicit TokSampler(const WorkloadParams& params)
      : sigma_(params.tok_sigma),
        mu_in_(math::log(params.tok_in_mean) - 0.5 * sigma_ * sigma_),
        mu_out_(math::log(params.tok_out_mean) - 0.5 * sigma_ * sigma_) {}

  void draw(std::span<const RandomBlock> blocks, const ContentSampler& sampler, std::span<Content> out,
            std::uint64_t& capped) {
    const std::size_t n = blocks.size();
    for (std::size_t i = 0; i < n; ++i) {
      first_[i] = uniform_open(blocks[i][0], blocks[i][1]);
      first_[n + i] = uniform_open(blocks[i][2], blocks[i][3]);
    }
    math::normal_quantile(std::span(first_).first(2 * n), std::span(second_).first(2 * n));
    for (std::size_t i = 0; i < n; ++i) {
      first_[i] = mu_in_ + sigma_ * second_[i];
      first_[n + i] = mu_out_ + sigma_ * second_[n + i];
    }
    math::exp(std::span<const double>(first_).first(2 * n), std::span(second_).first(2 * n));
    for (std::size_t i = 0; i < n; ++i) {
      out[i].tok_in = sampler.limit_tok(second_[i] + 0.5, capped);  // the conversion cuts the fraction
      out[i].tok_out = sampler.limit_tok(second_[n + i] + 0.5, capped);
    }
  }

 private:
  double sigma_, mu_in_, mu_out_;
  std::array<double, 2 * kContentChunk> first_, second_;
};

}  // namespace

void synthesise(const WorkloadParams& params, const Random& request, std::uint32_t step, RegionId region,
                std::uint32_t count, double step_s, std::uint32_t bank_items, RequestColumns& out,
                std::uint32_t first) {
  out.clear();
  if (count == 0) return;
  const ContentSampler sampler(params, bank_items);
  TokSampler tok(params);
  // Offset word above, sequence below: one integer orders by (offset, sequence).
  const auto keys = std::make_unique_for_overwrite<std::uint64_t[]>(count);
  const auto content = std::make_unique_for_overwrite<Content[]>(count);
  std::array<RandomBlock, kContentChunk> block;
  ComplexityBlocks complexity;

  for (std::size_t begin = 0; begin < count; begin += kContentChunk) {
    const std::size_t n = std::min<std::size_t>(kContentChunk, count - begin);
    const std::uint64_t id = RequestId(region, first + begin).packed;
    const std::span<Content> rows(content.get() + begin, n);
    request.blocks(step, id, kContentDraw, std::span(block).first(n));
    for (std::size_t i = 0; i < n; ++i) {
      keys[begin + i] = (std::uint64_t{block[i][0]} << 32) | (begin + i);
      sampler.draw_content(block[i], rows[i]);
    }
    request.blocks(step, id, kTokDraw, std::span(block).first(n));
    tok.draw(std::span<const RandomBlock>(block).first(n), sampler, rows, out.tok_capped);
    for (std::uint32_t j = 0; j < sampler.complexity_blocks(); ++j)
      request.blocks(step, id, kComplexityDraw + j, std::span(complexity).subspan(j * kContentChunk, n));
    sampler.draw_complexity(complexity, rows);
  }

  sort_uniform({keys.get(), count});
  out.resize(count);
  for (std::size_t p = 0; p < count; ++p) {
    const auto i = static_cast<std::uint32_t>(keys[p]);
    const Content& c = content[i];
    out.offset_s[p] = uniform_open(static_cast<std::uint32_t>(keys[p] >> 32)) * step_s;
    out.sequence[p] = first + i;
    out.type[p] = c.type;
    out.complexity[p] = c.complexity;
    out.tok_in[p] = c.tok_in;
    out.tok_out[p] = c.tok_out;
    out.bank_item[p] = c.bank_item;
    out.urgent[p] = c.urgent;
    out.deadline_s[p] = sampler.deadline(c.urgent != 0);
  }
}

}  // namespace workload
}  // namespace swarm
