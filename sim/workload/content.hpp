#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "sim/core/rng.hpp"
#include "sim/workload/params.hpp"

/// What one request is, drawn from its own blocks of the stream `request`. Shared by synthetic and trace
/// arrivals, so that both draw alike. Blocks of a request by draw number:
///   0      word 0: offset in the step (synthetic) or asking region (trace); 1: type; 2: urgency; 3: bank
///   item 1      words 0, 1: input tok; 2, 3: output tok (synthetic only) 2 …    α + β − 1 words: complexity
namespace swarm {
namespace workload {

inline constexpr std::uint32_t kContentDraw = 0, kTokDraw = 1, kComplexityDraw = 2;
/// Requests drawn at a time; their buffers stay in the nearest caches.
inline constexpr std::size_t kContentChunk = 256;
/// Most blocks that complexity can take: shapes of 16 and 16 need 31 words.
inline constexpr std::uint32_t kMaxComplexityBlocks = 8;
using ComplexityBlocks = std::array<RandomBlock, kContentChunk * kMaxComplexityBlocks>;

/// The word below which a draw of this probability falls, in [0, 2³²].
std::uint64_t word_threshold(double probability);

/// A request before it is put in order of arrival.
struct Content {
  float complexity;
  std::uint32_t tok_in, tok_out, bank_item;
  ProblemType type;
  std::uint8_t urgent;
};

/// Parameters turned into thresholds on random words.
class ContentSampler {
 public:
  /// `bank_items` ≥ 1. Shapes of complexity are rounded to whole numbers.
  ContentSampler(const WorkloadParams& params, std::uint32_t bank_items);

  /// Blocks of one request from kComplexityDraw on.
  std::uint32_t complexity_blocks() const { return (uniforms_ + 3) / 4; }

  /// Type, urgency and bank item from block kContentDraw.
  void draw_content(const RandomBlock& block, Content& out) const {
    const std::uint64_t word = block[1];
    out.type = static_cast<ProblemType>((word >= type_below_[0]) + (word >= type_below_[1]) +
                                        (word >= type_below_[2]));
    out.urgent = block[2] < urgent_below_ ? 1 : 0;
    out.bank_item = uniform_below(block[3], bank_items_);
  }

  /// κ ~ Beta(α, β) of up to kContentChunk requests: the α-th smallest of α + β − 1 uniforms each. Block j
  /// from kComplexityDraw on of request i is blocks[j·kContentChunk + i].
  void draw_complexity(std::span<const RandomBlock> blocks, std::span<Content> out) const;

  /// Deadline [s] of a request.
  float deadline(bool urgent) const { return deadline_[urgent ? 1 : 0]; }

  /// Whole part of a tok count, cut to [1, tok_max]; adds 1 to `capped` if it was above.
  std::uint32_t limit_tok(double tok, std::uint64_t& capped) const {
    capped += tok >= tok_max_ + 1 ? 1 : 0;
    return static_cast<std::uint32_t>(tok < 1 ? 1 : tok > tok_max_ ? tok_max_ : tok);
  }

 private:
  std::array<std::uint64_t, kProblemTypes - 1> type_below_{};  ///< cumulative shares · 2³²
  std::uint64_t urgent_below_;
  std::uint32_t bank_items_;
  std::uint32_t alpha_, uniforms_;
  double tok_max_;
  std::array<float, 2> deadline_;
};

}  // namespace workload
}  // namespace swarm
