#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "agents/tasks/generators.hpp"
#include "agents/tasks/input.hpp"
#include "agents/tasks/style.hpp"
#include "sim/core/checks.hpp"
#include "sim/core/ids.hpp"
#include "sim/workload/problem_type.hpp"

namespace swarm {
namespace tasks {

/// The problems that requests pose: per region × problem type × complexity bucket a bank of items with their
/// true answers. Built once, in parallel, from the seed and the regions' names; const afterwards and
/// shareable between threads. An item is a function of (seed, name, type, bucket, item): neither the number
/// of items nor other regions change it.
class TaskBanks {
 public:
  /// `items` per bank, 1 … 65,536.
  TaskBanks(std::uint64_t seed, std::span<const std::string> region_names, std::uint32_t items);

  std::uint32_t items() const { return items_; }

  /// The true answer of an item, 0 … 9.
  std::uint8_t label(RegionId region, workload::ProblemType type, std::size_t bucket,
                     std::uint32_t item) const {
    return labels_[row(region, type, bucket, item)];
  }
  /// The 64 bytes of an item, 64-byte aligned.
  const std::uint8_t* input(RegionId region, workload::ProblemType type, std::size_t bucket,
                            std::uint32_t item) const {
    return inputs_[row(region, type, bucket, item)].bytes;
  }
  /// Memory held [B].
  std::size_t bytes() const;

 private:
  struct alignas(kInputs) Item {
    std::uint8_t bytes[kInputs];
  };

  std::size_t row(RegionId region, workload::ProblemType type, std::size_t bucket, std::uint32_t item) const {
    EXPECT(bucket < workload::kComplexityBuckets && item < items_);
    const std::size_t kind = static_cast<std::size_t>(type) * workload::kComplexityBuckets + bucket;
    const std::size_t row = (region.value * kBanksPerRegion + kind) * items_ + item;
    EXPECT(row < rows_);
    return row;
  }

  static constexpr std::size_t kBanksPerRegion = workload::kProblemTypes * workload::kComplexityBuckets;

  std::uint32_t items_;
  std::size_t rows_;
  std::unique_ptr<Item[]> inputs_;
  std::vector<std::uint8_t> labels_;
};

/// Item `item` of a bank, generated alone: what TaskBanks stores. Returns the true answer.
std::uint8_t make_bank_item(std::uint64_t seed, const Style& style, std::uint32_t region_key,
                            workload::ProblemType type, std::size_t bucket, std::uint32_t item,
                            std::uint8_t out[kInputs]);

}  // namespace tasks
}  // namespace swarm
